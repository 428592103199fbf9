"""The law of a venture's life as investors and the planner know it: what the kernel draws, as probabilities."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import gammainc, log_ndtr, ndtr, ndtri

from finance.market.conventions import ABSENT, LONGEST_ATTEMPT, PLANNING_FACTOR, QUARTERS_A_YEAR
from finance.market.grids import FINEST_NOISE, LAWS_KEPT, QUALITY, likelihood, locked, signal_weights
from finance.market.terms import Floats, Terms, asked_of_vehicles

_ROUND_OFF = 1e-9  # so that a runway of exactly n quarters is not cut to n − 1 by the last bit


class AttemptLaw(NamedTuple):
    """One attempt at a milestone."""

    success: Floats  # (quality,) probability
    time: Floats  # (elapsed,) probability that the attempt is settled 0, 1, … LONGEST_ATTEMPT quarters after its start
    outlast: Floats  # (elapsed,) probability that it takes longer than that
    runway: int  # quarters that its cash lasts
    cash: float  # what its start costs: the need for the first, the bridge for the rest
    extension_cost: float  # four more quarters


class StageLaw(NamedTuple):
    """One stage of one sector."""

    need: float  # what its round asks vehicles for
    attempts: tuple[AttemptLaw, ...]  # as many as technology allows
    signal_weights: Floats  # (quality, signal)
    likelihood: Floats  # (signal, quality)
    offer_probability: float  # of an offer after this stage's milestone that beats going on
    spent_before: float  # what vehicles have paid by the arrival, at one full round a stage
    owed: float  # to banks, on arrival


class ExitLaw(NamedTuple):
    """Value at exit by quality, split by the road it takes; all at index 1."""

    listed: Floats  # (quality,) E[X; X >= IPO floor]
    sold: Floats  # (quality,) E[X; trade floor <= X < IPO floor]


def quarterly_factor(rate: float) -> float:
    """Discount factor of one quarter at a yearly rate."""
    return float((1.0 + rate) ** (-1.0 / QUARTERS_A_YEAR))


@lru_cache(maxsize=LAWS_KEPT)
def attempt_times(mean_quarters: float, shape: float) -> Floats:
    """Probabilities of the whole quarters an attempt takes.

    Parameters
    ----------
    mean_quarters : float
        Mean of the gamma time before rounding.
    shape : float
        Its shape; 0 means that the time is fixed.

    Returns
    -------
    ndarray of shape (LONGEST_ATTEMPT + 1,)
        P(T = n), T = the nearest whole quarter, at least 1 and at most LONGEST_ATTEMPT; read-only.
    """
    law = np.zeros(LONGEST_ATTEMPT + 1)
    if shape == 0.0:
        law[min(LONGEST_ATTEMPT, max(1, math.floor(mean_quarters + 0.5)))] = 1.0
        return locked(law)
    at_most = gammainc(shape, shape * (np.arange(1, LONGEST_ATTEMPT) + 0.5) / mean_quarters)
    law[1:] = np.diff(at_most, prepend=0.0, append=1.0)
    return locked(law)


def runway_quarters(cash: float, burn: float) -> int:
    """Whole quarters that cash lasts at a yearly burn, at least one."""
    return max(1, math.floor(QUARTERS_A_YEAR * cash / burn + _ROUND_OFF))


def attempt_law(terms: Terms, sector: int, stage: int, attempt: int) -> AttemptLaw:
    """Law of attempt 0, 1, … of a stage: each learns (odds up), and a retry is shorter and cheaper than the first."""
    need = terms.need[sector, stage]
    mean, cash = terms.mean_quarters[sector, stage], need
    if attempt > 0:
        mean, cash = mean * terms.retry_time_share, need * terms.bridge_share
    burn = QUARTERS_A_YEAR * cash / (PLANNING_FACTOR * mean)
    odds = terms.log_odds[sector, stage] + terms.quality_log_odds * QUALITY + terms.learning_log_odds * attempt
    time = attempt_times(mean, terms.time_shape[sector, stage])
    runway = runway_quarters(cash, burn) if burn > 0 else LONGEST_ATTEMPT
    return AttemptLaw(
        success=1.0 / (1.0 + np.exp(-odds)),
        time=time,
        outlast=np.maximum(0.0, 1.0 - np.cumsum(time)),
        runway=min(runway, LONGEST_ATTEMPT),
        cash=cash,
        extension_cost=burn,
    )


def stage_laws(terms: Terms, sector: int) -> dict[int, StageLaw]:
    """Laws of a sector's stages by stage index, in the order of its chain.

    Raises
    ------
    ValueError
        A signal noise between 0 and FINEST_NOISE, too fine for the grids; or an offer after the last milestone.
    """
    laws: dict[int, StageLaw] = {}
    spent, asked = 0.0, asked_of_vehicles(terms)[sector]
    better = ndtr(terms.offer_log_median / terms.offer_log_sd) if terms.offer_log_sd > 0 else 1.0
    if terms.offer_log_sd == 0.0 and terms.offer_log_median <= 0.0:
        better = 0.0
    stage = int(terms.first_stage[sector])
    while stage >= 0:
        noise = float(terms.signal_sd[sector, stage])
        if 0.0 < noise < FINEST_NOISE:
            raise ValueError(f"signal_sd {noise} of a stage: 0 (exact) or at least {FINEST_NOISE} is allowed")
        laws[stage] = StageLaw(
            need=float(asked[stage]),
            attempts=tuple(
                attempt_law(terms, sector, stage, k) for k in range(int(terms.technical_attempts[sector, stage]))
            ),
            signal_weights=signal_weights(noise),
            likelihood=likelihood(noise),
            offer_probability=float(terms.offer_probability[sector, stage] * better),
            spent_before=spent,
            owed=float(terms.owed[sector, stage]),
        )
        spent += laws[stage].need
        stage = int(terms.next_stage[sector, stage])
    assert stage != ABSENT
    return laws


def mean_accepted_premium(terms: Terms) -> float:
    """Mean of the lognormal offer premium given that it beats going on, E[e^Y | Y > 0]."""
    mu, sd = terms.offer_log_median, terms.offer_log_sd
    if sd == 0.0:
        return math.exp(mu)
    return float(np.exp(mu + 0.5 * sd * sd + log_ndtr(mu / sd + sd) - log_ndtr(mu / sd)))


def truncated_lognormal_mean(mu: Floats, sd: float, cut: float, low: float, high: float) -> Floats:
    """E[X; low <= X < high] for log X = mu + sd Z, Z standard normal truncated to ±cut.

    Parameters
    ----------
    mu : ndarray
        Location of log X.
    sd : float
        Scale of log X; 0 is allowed.
    cut : float
        Truncation in standard deviations.
    low, high : float
        Bounds on X.

    Returns
    -------
    ndarray
        Same shape as `mu`.
    """
    with np.errstate(divide="ignore"):
        log_low, log_high = np.log(low), np.log(high)
    if sd == 0.0:
        return np.where((log_low <= mu) & (mu < log_high), np.exp(mu), 0.0)
    z_low = np.clip((log_low - mu) / sd, -cut, cut)
    z_high = np.clip((log_high - mu) / sd, -cut, cut)
    mass = ndtr(cut) - ndtr(-cut)
    between: Floats = np.maximum(0.0, ndtr(z_high - sd) - ndtr(z_low - sd)) / mass
    return np.exp(mu + 0.5 * sd * sd) * between


def exit_nodes(truncation_sd: float, n: int = 60) -> Floats:
    """Equally likely standard deviations (n,) of the log exit value, truncated."""
    mass = ndtr(truncation_sd)
    nodes: Floats = ndtri((1.0 - mass) + (2.0 * mass - 1.0) * (np.arange(n) + 0.5) / n)
    return nodes


def exit_law(terms: Terms, sector: int) -> ExitLaw:
    """Expected exit value by road, by quality."""
    mu = terms.exit_log_median[sector] + terms.quality_log_value[sector] * QUALITY
    sd, cut = float(terms.exit_log_sd[sector]), terms.truncation_sd
    listing = max(terms.ipo_floor, terms.trade_floor)
    return ExitLaw(
        listed=truncated_lognormal_mean(mu, sd, cut, listing, np.inf),
        sold=truncated_lognormal_mean(mu, sd, cut, terms.trade_floor, listing),
    )


def exit_waits(terms: Terms, open_share: float, reopening: float) -> tuple[Floats, Floats]:
    """Share of final value sold 0, 1, 2 … quarters after the last milestone, by road.

    Parameters
    ----------
    terms : Terms
    open_share : float
        Probability that the window is open on arrival.
    reopening : float
        Probability a quarter that a shut window opens.

    Returns
    -------
    listed, sold : ndarray of shape (n,)
        Value received in each quarter of the wait per unit of exit value, discounts taken; tail beyond n negligible.
        Read-only.
    """
    probability = float(terms.trade_sale_probability)
    return _waits(float(open_share), float(reopening), probability, 1.0 - terms.trade_sale_discount, terms.ipo_waits)


@lru_cache(maxsize=LAWS_KEPT)
def _waits(
    open_share: float, reopening: float, sale_probability: float, kept: float, ipo_waits: bool
) -> tuple[Floats, Floats]:
    """`exit_waits` of the five numbers that it depends on."""
    n = 400
    listed, sold = np.zeros(n), np.zeros(n)
    buyer = 0.0 if ipo_waits else sale_probability
    waiting = 1.0
    for quarter in range(n):
        opens = open_share if quarter == 0 else reopening
        listed[quarter] = waiting * (opens + (1.0 - opens) * buyer * kept)
        waiting *= (1.0 - opens) * (1.0 - buyer)
        sold[quarter] = kept * sale_probability * (1.0 - sale_probability) ** quarter
    return locked(listed), locked(sold)
