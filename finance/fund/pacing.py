"""Pacing: what a commitment is likely to call, give back and be worth, year by year."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from finance.fund.amounts import FloatArray, numbers
from finance.fund.terms import refuse_bad_count, refuse_bad_share, refuse_below
from finance.language import message


def takahashi_alexander(
    commitment: float,
    contribution_rates: Sequence[float] | FloatArray,
    growth_rate: float,
    life: int,
    bow: float,
    yield_floor: float = 0.0,
    years: int | None = None,
) -> pd.DataFrame:
    r"""Project the contributions, distributions and value of one commitment (the Yale model).

    Parameters
    ----------
    commitment : float
        Capital committed, million CNY.
    contribution_rates : sequence of float
        Share of the capital not yet contributed that is called in years 1, 2, …; the last holds from then
        on.
    growth_rate : float
        Growth of the value a year, decimal, at least -1.
    life : int
        Year in which everything is given out, counted from 1.
    bow : float
        How late distributions come: 0 is everything at once, 1 a straight line, more is later.
    yield_floor : float
        Share of the value that is given out in every year at least.
    years : int, optional
        Years to show; ``life`` if left out.

    Returns
    -------
    DataFrame
        A row a year, from 1: ``contribution``, ``distribution`` and ``nav`` (after both) in million CNY,
        ``distribution_rate`` as a share of the grown value. The flows of a row are at one instant, a year
        after those of the row above.

    Raises
    ------
    ValueError
        If the commitment or the bow is negative, a share not from 0 to 1, the growth rate below -1, or the
        life or the years not a whole number of at least 1.

    Notes
    -----
    With the commitment CC, capital paid in so far PIC, contribution rates RC, growth G, life L, bow B and
    yield floor Y,

    .. math::
        C_t &= RC_t (CC - PIC_t), \qquad RD_t = \max(Y, \min(t / L, 1)^B) \\
        D_t &= RD_t \, NAV_{t-1} (1 + G), \qquad NAV_t = NAV_{t-1} (1 + G) + C_t - D_t.

    A year's call is not given out in the same year. Whatever the other terms, the internal rate of D - C
    with the last value is G.

    References
    ----------
    Takahashi, D. and Alexander, S. (2002), "Illiquid Alternative Asset Fund Modeling", Journal of Portfolio
    Management 28(2).
    """
    rates = _contribution_rates(contribution_rates)
    refuse_below("commitment", commitment, 0.0)
    refuse_below("growth_rate", growth_rate, -1.0)
    refuse_below("bow", bow, 0.0)
    refuse_bad_share("yield_floor", yield_floor)
    refuse_bad_count("life", life)
    refuse_bad_count("years", life if years is None else years)

    year = np.arange(1, (life if years is None else years) + 1)
    called_share = rates[np.minimum(year, rates.size) - 1]
    uncalled = commitment * np.cumprod(np.append(1.0, 1.0 - called_share))[:-1]
    contribution = called_share * uncalled
    distribution_rate = np.maximum(yield_floor, np.minimum(year / life, 1.0) ** bow)
    distribution, nav = np.empty(year.size), np.empty(year.size)
    value = 0.0
    for row in range(year.size):
        grown = value * (1.0 + growth_rate)
        distribution[row] = distribution_rate[row] * grown
        value = nav[row] = grown - distribution[row] + contribution[row]
    columns = {
        "contribution": contribution,
        "distribution_rate": distribution_rate,
        "distribution": distribution,
        "nav": nav,
    }
    return pd.DataFrame(columns, index=pd.Index(year, name="year"))


def _contribution_rates(rates: Sequence[float] | FloatArray) -> FloatArray:
    read = numbers("contribution_rates", rates)
    if read.ndim != 1 or read.size == 0 or not np.all((read >= 0.0) & (read <= 1.0)):
        raise ValueError(message("fund.contribution_rates", value=rates))
    return read
