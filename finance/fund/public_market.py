"""Public-market equivalents: a fund against the same money in an index.

Throughout, C_t is paid in and D_t distributed in column t, NAV_T the fund's value after the last column T,
and I_t the index; I_T / I_t carries a flow to T as if it had been in the index.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import ComparedFlows, FloatArray, compared_flows, ratio
from finance.fund.internal_rate import irr

#: A final index position below zero by less than this share of the money carried forward is rounding.
POSITION_ROUNDING = 1e-12


def ks_pme(paid_in: npt.ArrayLike, distributed: npt.ArrayLike, nav: npt.ArrayLike, index: npt.ArrayLike) -> Any:
    r"""Kaplan–Schoar ratio: what the fund gave for each yuan the index would have given.

    Parameters
    ----------
    paid_in, distributed : array_like of shape (…, n_periods)
        Flows, million CNY, positive.
    nav : array_like of shape (…)
        The fund's value after the last column, million CNY.
    index : array_like, broadcast to (…, n_periods)
        Total-return index at each column, positive.

    Returns
    -------
    float or ndarray of shape (…)
        Multiple; above 1 the fund beat the index. NaN where nothing was paid in.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is negative or the index not positive.

    Notes
    -----
    .. math:: KS = \frac{\sum_t D_t I_T / I_t + NAV_T}{\sum_t C_t I_T / I_t}

    References
    ----------
    Kaplan, S. N. and Schoar, A. (2005), "Private Equity Performance: Returns, Persistence, and Capital
    Flows", Journal of Finance 60(4).
    """
    fund = compared_flows(paid_in, distributed, nav, index)
    called_worth, distributed_worth = _worths(fund)
    return ratio(distributed_worth + fund.nav, called_worth)


def ln_nav(paid_in: npt.ArrayLike, distributed: npt.ArrayLike, nav: npt.ArrayLike, index: npt.ArrayLike) -> Any:
    r"""Long–Nickels position: what would be left in the index after the fund's own flows.

    Parameters
    ----------
    paid_in, distributed, nav, index : array_like
        As for `ks_pme`. The position does not depend on ``nav``, which it is to be compared with; where that
        is not known there is nothing to compare and the position is NaN.

    Returns
    -------
    float or ndarray of shape (…)
        Million CNY; negative where the index could not have paid the fund's distributions.

    Raises
    ------
    ValueError
        As `ks_pme`.

    Notes
    -----
    .. math:: LN = \sum_t (C_t - D_t) I_T / I_t

    References
    ----------
    Long, A. M. and Nickels, C. J. (1996), "A Private Investment Benchmark", AIMR Conference on Venture
    Capital Investing.
    """
    fund = compared_flows(paid_in, distributed, nav, index)
    called_worth, distributed_worth = _worths(fund)
    return np.where(np.isnan(fund.nav), np.nan, called_worth - distributed_worth)[()]


def ln_pme(
    paid_in: npt.ArrayLike,
    distributed: npt.ArrayLike,
    nav: npt.ArrayLike,
    index: npt.ArrayLike,
    periods_per_year: float = 1,
) -> Any:
    """Long–Nickels rate: internal rate of the fund's flows had they gone through the index.

    Parameters
    ----------
    paid_in, distributed, nav, index : array_like
        As for `ln_nav`.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    float or ndarray of shape (…)
        Decimal rate, compounding by year, to be set against the fund's own internal rate. NaN where the final
        position `ln_nav` is negative: the method does not exist for a fund that far ahead of the index.

    Raises
    ------
    ValueError
        As `ks_pme`, or if ``periods_per_year`` is not above 0.

    Notes
    -----
    Internal rate of D_t - C_t with `ln_nav` added to the last column.

    References
    ----------
    Long and Nickels (1996), see `ln_nav`.
    """
    fund = compared_flows(paid_in, distributed, nav, index)
    called_worth, distributed_worth = _worths(fund)
    position = called_worth - distributed_worth
    is_short = position < -POSITION_ROUNDING * called_worth
    final = np.where(is_short | np.isnan(fund.nav), np.nan, np.maximum(position, 0.0))
    return irr(_with_final(fund.distributed - fund.paid_in, final), periods_per_year)


def pme_plus_scale(paid_in: npt.ArrayLike, distributed: npt.ArrayLike, nav: npt.ArrayLike, index: npt.ArrayLike) -> Any:
    r"""PME+ factor: share of each distribution the index could have paid and still end at the fund's value.

    Parameters
    ----------
    paid_in, distributed, nav, index : array_like
        As for `ks_pme`.

    Returns
    -------
    float or ndarray of shape (…)
        The factor λ. Below 0 where the fund's value alone exceeds the index position without any
        distribution; NaN where nothing was distributed.

    Raises
    ------
    ValueError
        As `ks_pme`.

    Notes
    -----
    .. math:: \lambda = \frac{\sum_t C_t I_T / I_t - NAV_T}{\sum_t D_t I_T / I_t}

    References
    ----------
    Rouvinez, C. (2003), "Private Equity Benchmarking with PME+", Venture Capital Journal 43(8).
    """
    return _scale(compared_flows(paid_in, distributed, nav, index))


def pme_plus(
    paid_in: npt.ArrayLike,
    distributed: npt.ArrayLike,
    nav: npt.ArrayLike,
    index: npt.ArrayLike,
    periods_per_year: float = 1,
) -> Any:
    """PME+: internal rate of the index when its distributions are the fund's, scaled by one factor.

    Parameters
    ----------
    paid_in, distributed, nav, index : array_like
        As for `ks_pme`.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    float or ndarray of shape (…)
        Decimal rate, compounding by year, to be set against the fund's own internal rate. NaN where there is
        no factor or no rate.

    Raises
    ------
    ValueError
        As `ks_pme`, or if ``periods_per_year`` is not above 0.

    Notes
    -----
    Internal rate of λ D_t - C_t with NAV_T added to the last column; λ is `pme_plus_scale`.

    References
    ----------
    Rouvinez (2003), see `pme_plus_scale`.
    """
    fund = compared_flows(paid_in, distributed, nav, index)
    flows = np.asarray(_scale(fund))[..., np.newaxis] * fund.distributed - fund.paid_in
    return irr(_with_final(flows, fund.nav), periods_per_year)


def mpme(
    paid_in: npt.ArrayLike,
    distributed: npt.ArrayLike,
    nav: npt.ArrayLike,
    index: npt.ArrayLike,
    periods_per_year: float = 1,
) -> Any:
    r"""Find the modified PME: an index position that pays out the same share of itself as the fund does.

    Parameters
    ----------
    paid_in, distributed : array_like of shape (…, n_periods)
        Flows, million CNY, positive.
    nav : array_like of shape (…, n_periods)
        The fund's value after each column's flows, million CNY: this one method needs it all along.
    index : array_like, broadcast to (…, n_periods)
        Total-return index at each column, positive.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    float or ndarray of shape (…)
        Decimal rate, compounding by year, to be set against the fund's own internal rate. NaN where none.

    Raises
    ------
    ValueError
        As `ks_pme`, if ``nav`` has no time axis, or if ``periods_per_year`` is not above 0.

    Notes
    -----
    With the weight w_t = D_t / (D_t + NAV_t), zero where nothing is distributed, the position P before and
    after the payment is

    .. math:: P_t^- = P_{t-1} I_t / I_{t-1} + C_t, \qquad P_t = (1 - w_t) P_t^-

    and the rate is the internal rate of w_t P_t^- - C_t with P_T added to the last column.

    References
    ----------
    Cambridge Associates (2013), "New Method for Comparing Performance of Private Investments With Public
    Investments", press release of 29 October, which introduces the mPME. The recursion is written as in the
    article "Public market equivalent" of Wikipedia and checked against pyxirr in the tests.
    """
    fund = compared_flows(paid_in, distributed, nav, index, nav_over_time=True)
    receipts = np.maximum(fund.distributed, 0.0)
    weight = np.where(receipts == 0.0, 0.0, ratio(receipts, receipts + np.maximum(fund.nav, 0.0)))
    weight = np.where(np.isnan(fund.nav + fund.distributed), np.nan, weight)
    position = np.zeros(fund.paid_in.shape[:-1])
    payments = np.empty(fund.paid_in.shape)
    previous = fund.growth[..., 0]
    for column in range(fund.paid_in.shape[-1]):
        position = position * previous / fund.growth[..., column] + fund.paid_in[..., column]
        payments[..., column] = weight[..., column] * position
        position = position - payments[..., column]
        previous = fund.growth[..., column]
    return irr(_with_final(payments - fund.paid_in, position), periods_per_year)


def direct_alpha(
    paid_in: npt.ArrayLike,
    distributed: npt.ArrayLike,
    nav: npt.ArrayLike,
    index: npt.ArrayLike,
    periods_per_year: float = 1,
) -> Any:
    """Direct Alpha: the rate by which the fund outgrew the index.

    Parameters
    ----------
    paid_in, distributed, nav, index : array_like
        As for `ks_pme`.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    float or ndarray of shape (…)
        Decimal rate, compounding by year (the paper also gives its logarithm). 0 for the index itself, -1 for
        a total loss, NaN where there is none.

    Raises
    ------
    ValueError
        As `ks_pme`, or if ``periods_per_year`` is not above 0.

    Notes
    -----
    Internal rate of (D_t - C_t) I_T / I_t with NAV_T added to the last column. `ks_pme` is above 1 where
    those flows sum to more than zero.

    References
    ----------
    Gredil, O., Griffiths, B. E. and Stucke, R. (2014), "Benchmarking Private Equity: The Direct Alpha
    Method", working paper.
    """
    fund = compared_flows(paid_in, distributed, nav, index)
    return irr(_with_final((fund.distributed - fund.paid_in) * fund.growth, fund.nav), periods_per_year)


def _worths(fund: ComparedFlows) -> tuple[FloatArray, FloatArray]:
    """Carry what was paid in and what was distributed, each summed, to the last column with the index."""
    called_worth = np.sum(fund.paid_in * fund.growth, axis=-1)
    distributed_worth = np.sum(fund.distributed * fund.growth, axis=-1)
    return np.asarray(called_worth), np.asarray(distributed_worth)


def _scale(fund: ComparedFlows) -> Any:
    """Give the factor of PME+."""
    called_worth, distributed_worth = _worths(fund)
    return ratio(called_worth - fund.nav, distributed_worth)


def _with_final(flows: FloatArray, final: FloatArray) -> FloatArray:
    """Add a value received in the last column."""
    completed = np.array(flows)
    completed[..., -1] += final
    return completed
