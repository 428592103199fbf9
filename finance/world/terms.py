"""The world's numbers as the compiled kernel reads them, and the expectations it is centred on."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.language import message
from finance.luck import name_codes
from finance.world.rates import integral_covariance, integral_variance, reach

Floats = NDArray[np.float64]

QUARTERS_A_YEAR = 4
STEP_YEARS = 1.0 / QUARTERS_A_YEAR


class WorldNumbers(NamedTuple):
    """What a scenario says of its world, in plain numbers."""

    warm_up_years: int  # before the switch-on year
    simulated_years: int  # from it on
    discount_factor: Callable[[Floats], Floats]  # P(0, t) in nominal money, of times in years
    mean_reversion: float  # a year, of the Hull–White short rate
    rate_volatility: float  # a year, of the same
    index_volatility: float  # a year, in dI/I = (r + premium) dt + volatility (ρ dW_r + √(1−ρ²) dW)
    index_premium: float  # a year
    index_rate_correlation: float  # ρ
    window_open_share: float  # stationary share of quarters with an open exit window; 1 is always open
    window_shut_years: float  # mean length of a shut spell
    window_tilt: float  # log-odds an open window gains by one standard deviation of trailing return
    sector_names: tuple[str, ...]  # in order
    sector_volatility: float  # stationary standard deviation of a sector's log factor
    sector_persistence: float  # what a quarter leaves of it
    sector_correlation: float  # between two sectors, of what does not come from the index
    sector_index_loading: float  # correlation of a sector's innovation with the index shock
    inflation_rate: float  # a year; brings the nominal curve to constant prices


class WorldTerms(NamedTuple):
    """One scenario's world as the kernel reads it: scalars, then arrays by sector and by quarter.

    Quarters count from the first of the warm-up. What starts with the switch is 0 up to and with the first
    quarter of year 0, and `expected_index` is 1 there.
    """

    n_quarters: int
    switch_quarter: int  # first quarter of year 0, where rate, index and deflator start
    reversion: float  # a year
    rate_volatility: float  # a year
    rate_decay: float  # exp(−a h): what a quarter leaves of the rate's deviation
    rate_reach: float  # B(h): what the deviation adds to the quarter's integral
    integral_loading: float  # of the rate's own normal in the quarter's integral, at unit volatility
    integral_residual: float  # of the second normal there
    rate_correlation: float  # of the index shock with the rate shock
    own_correlation: float  # √(1 − ρ²), of the index shock with the part that is its own
    index_step_sd: float  # a quarter
    risk_price_step: float  # λ √h: market price of the index's own risk, a quarter
    window_open_share: float
    stay_open_odds: float  # of an open window being open a quarter later, without tilt; may be infinite
    reopen_odds: float  # of a shut window being open a quarter later, without tilt; may be infinite
    window_tilt: float  # log-odds a standard deviation of trailing return
    sector_volatility: float
    sector_persistence: float  # a quarter
    sector_innovation: float  # √(1 − persistence²)
    index_loading: float  # loadings of a sector's state, squares sum to 1
    common_loading: float
    own_loading: float
    sector_code: NDArray[np.uint32]  # (sector,)
    index_drift: Floats  # (quarter,) added to the index's shocks, so that E[J] = 1
    discount_drift: Floats  # (quarter,) log of P(0, t) in constant prices less half the variance of ∫x
    deflator_drift: Floats  # (quarter,) the same less λ² t ÷ 2
    sector_drift: Floats  # (quarter,) subtracted from a sector's state, so that E[J S] = 1
    expected_index: Floats  # (quarter,) E[I(t)] ÷ I(0) in constant prices


def world_terms(numbers: WorldNumbers) -> WorldTerms:
    """Work out what `finance.world.kernel.fill_world` needs.

    Parameters
    ----------
    numbers : WorldNumbers
        The world in plain numbers.

    Returns
    -------
    WorldTerms

    Raises
    ------
    ValueError
        If the index earns a premium without volatility, the window shuts too briefly for its open share, or
        two sector names share a code.

    Notes
    -----
    With Y = ∫x, V = Var Y, C = Cov(Y, W_r), σ the index volatility and π its premium:

    * discount D = P(0,t) (1 + inflation)ᵗ exp(−Y − V/2), so that E[D] = P(0,t) (1 + inflation)ᵗ;
    * E[I(t)]/I(0) = exp(π t + V + σ ρ C) ÷ (P(0,t) (1 + inflation)ᵗ);
    * ln J = Y + σ (ρ W_r + √(1−ρ²) W) − σ² t/2 − V/2 − σ ρ C, free of curve, premium and inflation;
    * M = D exp(−λ W − λ² t/2), λ = π ÷ (σ √(1−ρ²)).

    The window's tilt multiplies its odds by exp(tilt × trailing return in standard deviations); the open
    share and the length of a shut spell are those without tilt, which is what bids reckon with.
    """
    stay_open_odds, reopen_odds = _window_odds(numbers.window_open_share, numbers.window_shut_years)
    switch_quarter = QUARTERS_A_YEAR * numbers.warm_up_years
    return WorldTerms(
        n_quarters=switch_quarter + QUARTERS_A_YEAR * numbers.simulated_years,
        switch_quarter=switch_quarter,
        window_open_share=float(numbers.window_open_share),
        stay_open_odds=stay_open_odds,
        reopen_odds=reopen_odds,
        window_tilt=float(numbers.window_tilt),
        **_step_terms(numbers),
        **_drift_terms(numbers),
        **_sector_terms(numbers),
    )


def _risk_price(numbers: WorldNumbers) -> float:
    """Market price λ of the risk that is the index's own."""
    if numbers.index_premium == 0.0:
        return 0.0
    if numbers.index_volatility == 0.0:
        premium = f"{numbers.index_premium:g}"
        raise ValueError(message("world.premium_without_volatility", premium=premium))
    own_correlation = math.sqrt(1.0 - numbers.index_rate_correlation**2)
    return numbers.index_premium / (numbers.index_volatility * own_correlation)


def _step_terms(numbers: WorldNumbers) -> dict[str, Any]:
    """Scalars of one quarter's move of rate and index."""
    reversion, root_step = numbers.mean_reversion, math.sqrt(STEP_YEARS)
    loading = float(integral_covariance(reversion, STEP_YEARS)) / root_step
    return {
        "reversion": float(reversion),
        "rate_volatility": float(numbers.rate_volatility),
        "rate_decay": math.exp(-reversion * STEP_YEARS),
        "rate_reach": float(reach(reversion, STEP_YEARS)),
        "integral_loading": loading,
        "integral_residual": math.sqrt(float(integral_variance(reversion, STEP_YEARS)) - loading**2),
        "rate_correlation": float(numbers.index_rate_correlation),
        "own_correlation": math.sqrt(1.0 - numbers.index_rate_correlation**2),
        "index_step_sd": numbers.index_volatility * root_step,
        "risk_price_step": _risk_price(numbers) * root_step,
    }


def _drift_terms(numbers: WorldNumbers) -> dict[str, Any]:
    """Arrays by quarter that centre index, discount and deflator on their expectations."""
    years = _years_from_switch(numbers)
    volatility = numbers.index_volatility
    log_price = np.log(numbers.discount_factor(years)) + years * math.log1p(numbers.inflation_rate)
    variance = numbers.rate_volatility**2 * integral_variance(numbers.mean_reversion, years)
    covariance = numbers.rate_volatility * integral_covariance(numbers.mean_reversion, years)
    covariance = volatility * numbers.index_rate_correlation * covariance
    discount_drift = log_price - 0.5 * variance
    log_index = numbers.index_premium * years + variance + covariance - log_price
    still = np.zeros(QUARTERS_A_YEAR * numbers.warm_up_years)
    return {
        "index_drift": np.append(still, -0.5 * volatility**2 * years - 0.5 * variance - covariance),
        "discount_drift": np.append(still, discount_drift),
        "deflator_drift": np.append(still, discount_drift - 0.5 * _risk_price(numbers) ** 2 * years),
        "expected_index": np.exp(np.append(still, log_index)),
    }


def _sector_terms(numbers: WorldNumbers) -> dict[str, Any]:
    """Scalars of the sectors' states, and what centres the index ratio times the sector factor on 1."""
    volatility, persistence = numbers.sector_volatility, numbers.sector_persistence
    loading = numbers.sector_index_loading
    not_index = 1.0 - loading**2
    still = np.zeros(QUARTERS_A_YEAR * numbers.warm_up_years)
    covariance = volatility * loading * _index_covariance_of_state(numbers)
    return {
        "sector_volatility": float(volatility),
        "sector_persistence": float(persistence),
        "sector_innovation": math.sqrt(1.0 - persistence**2),
        "index_loading": float(loading),
        "common_loading": math.sqrt(not_index * numbers.sector_correlation),
        "own_loading": math.sqrt(not_index * (1.0 - numbers.sector_correlation)),
        "sector_code": name_codes(numbers.sector_names),
        "sector_drift": 0.5 * volatility**2 + np.append(still, covariance),
    }


def _years_from_switch(numbers: WorldNumbers) -> Floats:
    return np.arange(QUARTERS_A_YEAR * numbers.simulated_years, dtype=np.float64) / QUARTERS_A_YEAR


def _window_odds(open_share: float, shut_years: float) -> tuple[float, float]:
    """Odds of an open window a quarter after an open and after a shut one, without tilt.

    A shut spell of mean length n quarters ends with chance 1/n a quarter; the share of open quarters is then
    p_reopen ÷ (p_reopen + p_shut).
    """
    reopen = 1.0 / (QUARTERS_A_YEAR * shut_years)
    shut = reopen * (1.0 - open_share) / open_share
    if reopen > 1.0 or shut > 1.0:
        raise ValueError(message("world.window_spell", shut_years=f"{shut_years:g}", open_share=f"{open_share:g}"))
    stay_open = (1.0 - shut) / shut if shut > 0.0 else math.inf
    return stay_open, reopen / (1.0 - reopen) if reopen < 1.0 else math.inf


def _index_covariance_of_state(numbers: WorldNumbers) -> Floats:
    """Covariance of ln J with the index-driven state of a sector, by quarter from year 0, where it is 0.

    The state u follows u' = φ u + √(1−φ²) z, z the quarter's index shock. A shock with m quarters since is in
    the state with weight φᵐ √(1−φ²), and in ln J with σ√h + σ_r ρ (C(h) + B(h) B(m h)) ÷ √h: the index's own
    move, the integral of the rate over the shock's quarter, and over the m quarters since.
    """
    since = np.arange(QUARTERS_A_YEAR * numbers.simulated_years - 1)
    reversion, root_step = numbers.mean_reversion, math.sqrt(STEP_YEARS)
    integrated = integral_covariance(reversion, STEP_YEARS) + reach(reversion, STEP_YEARS) * reach(
        reversion, STEP_YEARS * since
    )
    rate_loading = numbers.rate_volatility * numbers.index_rate_correlation / root_step
    in_log_index = numbers.index_volatility * root_step + rate_loading * integrated
    in_state = math.sqrt(1.0 - numbers.sector_persistence**2) * numbers.sector_persistence**since
    return np.append(0.0, np.cumsum(in_state * in_log_index))
