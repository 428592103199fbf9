"""Waterfalls: how proceeds are shared between limited partners (LPs) and general partner (GP).

Capital comes first, then the hurdle, then the catch-up, then the carry split. Amounts are positive; a
column's paid-in counts before its proceeds.
"""

import numpy as np
import numpy.typing as npt

from finance.fund.accounts import by_column, period_growth, repaid
from finance.fund.amounts import FloatArray, known_flows
from finance.fund.terms import refuse_bad_periods, refuse_bad_rate, refuse_bad_share
from finance.language import message


def whole_fund(
    paid_in: npt.ArrayLike,
    proceeds: npt.ArrayLike,
    hurdle_rate: float,
    carry_share: float,
    catch_up_share: float = 1.0,
    periods_per_year: float = 1,
) -> tuple[FloatArray, FloatArray]:
    r"""Share proceeds after the whole fund's capital is back (the European waterfall).

    Parameters
    ----------
    paid_in, proceeds : array_like of shape (…, n_periods)
        What the LPs have paid in, fees included, and what the fund has to give out; million CNY, positive.
        Leading axes broadcast.
    hurdle_rate : float
        Preferred return a year, decimal, compounding by year from the column of the payment; 0 for none.
    carry_share : float
        GP's share of profit.
    catch_up_share : float
        GP's share of proceeds while it catches up: 1 is a full catch-up. At or below ``carry_share`` nothing
        is caught up: the hurdle is the LPs' for good, and what is above it is split by ``carry_share``.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    to_lps, to_gp : ndarray of shape (…, n_periods)
        Never negative; they sum to ``proceeds``.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is NaN, infinite or negative, a share is not from 0 to 1, the rate
        not from 0 to 1, or ``periods_per_year`` not above 0.

    Notes
    -----
    Unreturned capital and unpaid hurdle are one balance that compounds, so LPs who have got both, and
    nothing more, have an internal rate of exactly the hurdle. Profit so far is what has been given out beyond
    returned capital. With E the proceeds above the hurdle, profit :math:`\Pi`, carry share k and catch-up
    share c, the GP holds

    .. math:: G_t = \min(G_{t-1} + \max(c, k) E_t, \; k \Pi_t).

    Past a full catch-up it holds k times all profit, whatever the hurdle.

    References
    ----------
    Metrick, A. and Yasuda, A. (2010), "The Economics of Private Equity Funds", Review of Financial Studies
    23(6), on carry, hurdle and catch-up.
    """
    _refuse_bad_terms(hurdle_rate, carry_share, catch_up_share, periods_per_year)
    calls, receipts = known_flows(paid_in=paid_in, proceeds=proceeds)
    return _shared(calls, receipts, period_growth(hurdle_rate, periods_per_year), carry_share, catch_up_share)


def deal_by_deal(
    deal_paid_in: npt.ArrayLike,
    deal_proceeds: npt.ArrayLike,
    hurdle_rate: float,
    carry_share: float,
    catch_up_share: float = 1.0,
    periods_per_year: float = 1,
    clawback: bool = True,
) -> tuple[FloatArray, FloatArray]:
    r"""Share the proceeds of each deal by itself (the American waterfall).

    Parameters
    ----------
    deal_paid_in, deal_proceeds : array_like of shape (…, n_deals, n_periods)
        By deal, as for `whole_fund`.
    hurdle_rate, carry_share, catch_up_share, periods_per_year
        As for `whole_fund`, applied to each deal.
    clawback : bool
        Whether the GP in the last column pays back what it has got beyond what `whole_fund` would have
        given it on the same flows. It then receives less than nothing there, or less than its share.

    Returns
    -------
    to_lps, to_gp : ndarray of shape (…, n_periods)
        Summed over deals; they sum to the proceeds of all deals.

    Raises
    ------
    ValueError
        As `whole_fund`, or if there is no axis of deals.

    Notes
    -----
    .. math:: \text{clawback} = \max\Big(0, \sum_{d,t} G_{d,t} - \sum_t G^\text{whole}_t\Big)

    References
    ----------
    Metrick and Yasuda (2010), see `whole_fund`.
    """
    _refuse_bad_terms(hurdle_rate, carry_share, catch_up_share, periods_per_year)
    calls, receipts = known_flows(deal_paid_in=deal_paid_in, deal_proceeds=deal_proceeds)
    if calls.ndim < 2 or calls.shape[-2] == 0:
        raise ValueError(message("fund.no_deal_axis", name="deal_paid_in", shape=calls.shape))
    terms = (period_growth(hurdle_rate, periods_per_year), carry_share, catch_up_share)
    by_deal_to_lps, by_deal_to_gp = _shared(calls, receipts, *terms)
    to_lps, to_gp = by_deal_to_lps.sum(axis=-2), by_deal_to_gp.sum(axis=-2)
    if clawback:
        _, whole_to_gp = _shared(calls.sum(axis=-2), receipts.sum(axis=-2), *terms)
        excess = np.maximum(to_gp.sum(axis=-1) - whole_to_gp.sum(axis=-1), 0.0)
        to_gp[..., -1] -= excess
        to_lps[..., -1] += excess
    return to_lps, to_gp


def _shared(
    calls: FloatArray, receipts: FloatArray, growth: float, carry_share: float, catch_up_share: float
) -> tuple[FloatArray, FloatArray]:
    above_hurdle = by_column(receipts - repaid(calls, receipts, growth))
    profit = np.cumsum(by_column(receipts - repaid(calls, receipts)), axis=0)
    tier_share = max(catch_up_share, carry_share)
    by_time = np.empty(profit.shape)
    held = np.zeros(profit.shape[1:])
    for column in range(len(profit)):
        lacking = carry_share * profit[column] - held
        # What is lacking may be below zero by rounding once all is caught up.
        by_time[column] = np.maximum(np.minimum(tier_share * above_hurdle[column], lacking), 0.0)
        held = held + by_time[column]
    to_gp = np.moveaxis(by_time, 0, -1)
    return receipts - to_gp, to_gp


def _refuse_bad_terms(hurdle_rate: float, carry_share: float, catch_up_share: float, periods_per_year: float) -> None:
    refuse_bad_rate("hurdle_rate", hurdle_rate)
    refuse_bad_share("carry_share", carry_share)
    refuse_bad_share("catch_up_share", catch_up_share)
    refuse_bad_periods(periods_per_year)
