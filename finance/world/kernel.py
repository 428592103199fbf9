"""One path of the world, compiled: rate, index, deflator, exit window and sector factors.

Time runs in quarters from the switch-on year, q = 0, in both directions, because a draw belongs to a quarter
and not to the warm-up's length. From year 0 on everything is moved forward. Before it the rate, the index and
the deflator stand still; what is stationary runs *backwards* from year 0, where it starts in its stationary
law:

* A sector's state is a sum of three autoregressions with unit variance (driven by the index, common, own). A
  stationary Gaussian autoregression looks the same in both directions, so the backward step is
  u(q) = φ u(q+1) + √(1−φ²) b with a new normal b. The index shock that would have led forwards from u(q) to
  u(q+1) is then z = (u(q+1) − φ u(q)) ÷ √(1−φ²) = √(1−φ²) u(q+1) − φ b, again independent standard normals.
* The exit window starts in the state that every earlier start leads to: a quarter whose draw opens (or shuts)
  the window from both states makes the past irrelevant, and the search goes back to the latest such quarter.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finance.compiling import njit
from finance.luck import (
    COMMON,
    SECTOR,
    WORLD,
    WORLD_ORDINAL,
    entrant_code,
    normal_quantile,
    philox,
    slot,
    uniform,
)
from finance.world.terms import WorldTerms

Floats = NDArray[np.float64]

HISTORY = 2048
"""Quarter q has the slot index q + 2048; index 0 belongs to the stationary state at the start of year 0."""
TRAIL = 4
"""Quarters of the index's trailing return."""
_ORIGIN = -HISTORY


@njit
def fill_world(
    terms: WorldTerms,
    key0: Any,
    key1: Any,
    path: int,
    index_ratio: Floats,
    discount: Floats,
    deflator: Floats,
    window: NDArray[np.bool_],
    sector_factor: Floats,
) -> None:
    """Fill one path of the world, each value at the start of its quarter.

    Parameters
    ----------
    terms : WorldTerms
        From `finance.world.prepare.prepare_world`.
    key0, key1 : uint32
        Key of the luck.
    path : int
        Number of the path.
    index_ratio : ndarray of shape (n_quarters,)
        Filled with J = I ÷ E[I]; 1 up to year 0.
    discount : ndarray of shape (n_quarters,)
        Filled with exp(−∫r) in constant prices; 1 up to year 0.
    deflator : ndarray of shape (n_quarters,)
        Filled with the state-price deflator M in constant prices; 1 up to year 0.
    window : ndarray of bool of shape (n_quarters,)
        Filled with whether the exit window is open.
    sector_factor : ndarray of shape (n_sectors, n_quarters)
        Filled with S; E[S] = 1 before year 0, E[J S] = 1 from there on.
    """
    n_after = terms.n_quarters - terms.switch_quarter
    shock = np.empty(HISTORY + n_after)  # of the index, by quarter + HISTORY
    odds = np.empty(HISTORY + n_after)  # of the window's draw, by quarter + HISTORY
    driven = np.empty(terms.n_quarters)  # index-driven state of the sectors
    _fill_before(terms, key0, key1, path, shock, odds, driven)
    _fill_after(terms, key0, key1, path, shock, odds, driven, index_ratio, discount, deflator)
    index_ratio[: terms.switch_quarter] = 1.0
    discount[: terms.switch_quarter] = 1.0
    deflator[: terms.switch_quarter] = 1.0
    _fill_window(terms, shock, odds, window)
    if terms.sector_volatility == 0.0:
        sector_factor[:, :] = 1.0
    else:
        _fill_sectors(terms, key0, key1, path, driven, sector_factor)


@njit
def _world_words(key0: Any, key1: Any, path: int, quarter: int) -> tuple[Any, Any, Any, Any]:
    return philox(path, entrant_code(0, WORLD_ORDINAL), slot(COMMON, quarter + HISTORY), WORLD, key0, key1)


@njit
def _odds(u: float) -> float:
    """Odds of a uniform: u < p exactly when its odds are below those of p, and a tilt multiplies odds."""
    return u / (1.0 - u)


@njit
def _sector_normal(key0: Any, key1: Any, path: int, code: Any, quarter: int) -> float:
    counter = slot(code, quarter + HISTORY)
    return normal_quantile(uniform(philox(path, entrant_code(0, WORLD_ORDINAL), counter, SECTOR, key0, key1)[0]))


@njit
def _fill_before(
    terms: WorldTerms, key0: Any, key1: Any, path: int, shock: Floats, odds: Floats, driven: Floats
) -> None:
    """Run the index-driven state backwards from year 0, as far as warm-up and window look back."""
    origin = _world_words(key0, key1, path, _ORIGIN)
    odds[0] = _odds(uniform(origin[3]))
    state = normal_quantile(uniform(origin[0]))
    driven[terms.switch_quarter] = state
    quarter = -1
    oldest = -terms.switch_quarter - TRAIL
    is_settled = terms.window_open_share >= 1.0
    while quarter > _ORIGIN and (quarter >= oldest or not is_settled):
        words = _world_words(key0, key1, path, quarter)
        normal = normal_quantile(uniform(words[0]))
        shock[HISTORY + quarter] = terms.sector_innovation * state - terms.sector_persistence * normal
        odds[HISTORY + quarter] = _odds(uniform(words[3]))
        state = terms.sector_persistence * state + terms.sector_innovation * normal
        if terms.switch_quarter + quarter >= 0:
            driven[terms.switch_quarter + quarter] = state
        if quarter <= oldest and not is_settled:
            # The last step whose trailing return is now known.
            is_settled = _is_settling(terms, shock, odds, quarter + TRAIL - 1)
        quarter -= 1


@njit
def _tilt(terms: WorldTerms, shock: Floats, quarter: int) -> float:
    """Factor on the odds of an open window after the quarter: trailing return in standard deviations."""
    if terms.window_tilt == 0.0:
        return 1.0
    last = HISTORY + quarter
    trailing = 0.5 * (shock[last] + shock[last - 1] + shock[last - 2] + shock[last - 3])
    return math.exp(terms.window_tilt * trailing)


@njit
def _is_settling(terms: WorldTerms, shock: Floats, odds: Floats, quarter: int) -> bool:
    """Whether the quarter's draw leads to one state of the window, whatever the state before."""
    tilt, drawn = _tilt(terms, shock, quarter), odds[HISTORY + quarter]
    return bool((drawn < terms.reopen_odds * tilt) == (drawn < terms.stay_open_odds * tilt))


@njit
def _fill_window(terms: WorldTerms, shock: Floats, odds: Floats, window: NDArray[np.bool_]) -> None:
    """Move the window from the latest quarter that settles it to the end of the clock."""
    if terms.window_open_share >= 1.0:
        window[:] = True
        return
    start = -terms.switch_quarter
    quarter = start - 1
    earliest = _ORIGIN + TRAIL
    while quarter > earliest and not _is_settling(terms, shock, odds, quarter):
        quarter -= 1
    # Should five hundred years not settle it, the stationary law without tilt decides.
    is_open = bool(odds[0] * (1.0 - terms.window_open_share) < terms.window_open_share)
    for step in range(quarter, terms.n_quarters + start):
        if step >= start:
            window[step - start] = is_open
        base = terms.stay_open_odds if is_open else terms.reopen_odds
        is_open = bool(odds[HISTORY + step] < base * _tilt(terms, shock, step))


@njit
def _fill_after(
    terms: WorldTerms,
    key0: Any,
    key1: Any,
    path: int,
    shock: Floats,
    odds: Floats,
    driven: Floats,
    index_ratio: Floats,
    discount: Floats,
    deflator: Floats,
) -> None:
    """Move rate, index, deflator and the index-driven state forward from year 0."""
    deviation = 0.0  # x, of the short rate from the curve
    integral = 0.0  # Y, of the deviation since year 0
    risk = 0.0  # σ (ρ W_r + √(1−ρ²) W)
    price_of_risk = 0.0  # λ W
    state = driven[terms.switch_quarter]
    root_step = 0.5
    for k in range(terms.switch_quarter, terms.n_quarters):
        index_ratio[k] = math.exp(integral + risk + terms.index_drift[k])
        discount[k] = math.exp(terms.discount_drift[k] - integral)
        deflator[k] = math.exp(terms.deflator_drift[k] - integral - price_of_risk)
        driven[k] = state
        quarter = k - terms.switch_quarter
        words = _world_words(key0, key1, path, quarter)
        own_normal = normal_quantile(uniform(words[0]))
        rate_normal = normal_quantile(uniform(words[1]))
        integral_normal = normal_quantile(uniform(words[2]))
        odds[HISTORY + quarter] = _odds(uniform(words[3]))
        index_normal = terms.rate_correlation * rate_normal + terms.own_correlation * own_normal
        shock[HISTORY + quarter] = index_normal
        eta = terms.integral_loading * rate_normal + terms.integral_residual * integral_normal
        xi = root_step * rate_normal - terms.reversion * eta
        integral += deviation * terms.rate_reach + terms.rate_volatility * eta
        deviation = deviation * terms.rate_decay + terms.rate_volatility * xi
        risk += terms.index_step_sd * index_normal
        price_of_risk += terms.risk_price_step * own_normal
        state = terms.sector_persistence * state + terms.sector_innovation * index_normal


@njit
def _fill_sectors(terms: WorldTerms, key0: Any, key1: Any, path: int, driven: Floats, sector_factor: Floats) -> None:
    """Add the common and each sector's own state to the index-driven one, and take the exponential."""
    common = np.empty(terms.n_quarters)
    _fill_state(terms, key0, key1, path, COMMON, common)
    for k in range(terms.n_quarters):
        shared = terms.index_loading * driven[k] + terms.common_loading * common[k]
        common[k] = terms.sector_volatility * shared - terms.sector_drift[k]
    for i in range(terms.sector_code.shape[0]):
        own = sector_factor[i]
        _fill_state(terms, key0, key1, path, terms.sector_code[i], own)
        scale = terms.sector_volatility * terms.own_loading
        for k in range(terms.n_quarters):
            own[k] = math.exp(common[k] + scale * own[k])


@njit
def _fill_state(terms: WorldTerms, key0: Any, key1: Any, path: int, code: Any, state: Floats) -> None:
    """One stationary autoregression with unit variance, from year 0 in both directions."""
    switch = terms.switch_quarter
    state[switch] = _sector_normal(key0, key1, path, code, _ORIGIN)
    for k in range(switch - 1, -1, -1):
        normal = _sector_normal(key0, key1, path, code, k - switch)
        state[k] = terms.sector_persistence * state[k + 1] + terms.sector_innovation * normal
    for k in range(switch + 1, terms.n_quarters):
        normal = _sector_normal(key0, key1, path, code, k - 1 - switch)
        state[k] = terms.sector_persistence * state[k - 1] + terms.sector_innovation * normal
