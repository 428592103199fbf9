"""Angels' gains: tax, exemption, and the deduction of 70 % that outlives a failed company by 36 months."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, joint_shape, over_time
from finance.fund.terms import refuse_bad_periods
from finance.language import message
from finance.policy.tax.dated import Rule
from finance.policy.tax.reading import amounts, columns, shares, yearly_gains
from finance.policy.tax.start_ups import INVESTMENT_DEDUCTION, InvestmentDeduction

GAIN_RATE = Rule(
    "gain_rate",
    0.20,
    "M",
    "Individual income tax on gains from transfers of equity (recalled, unverified)",
)
ANGEL_EXEMPTION_SEED = Rule(
    "angel_exemption_seed",
    1.0,
    "S",
    "Seed 1 (Journal of Shanxi Normal University, social sciences, 2025 no. 5), recommendation 3: angel investors are "
    "exempt from income tax in full",
)

_DEAL_AXIS = -2


class AngelTax(NamedTuple):
    """An angel's tax, and the deductions of each deal; `angel_tax`."""

    tax: FloatArray  # (…, period), of all deals together
    earned: FloatArray  # (…, deal)
    used: FloatArray  # (…, deal, period), by the deal that earned it, wherever it is used
    expired: FloatArray  # (…, deal, period)
    left: FloatArray  # (…, deal)


class _Deals(NamedTuple):
    """When each deal's deduction comes and ends, (…, deal) in columns."""

    earned: FloatArray
    ready: npt.NDArray[np.int64]
    liquidated: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    is_eligible: npt.NDArray[np.bool_]


def gain_tax(
    cost: npt.ArrayLike,
    proceeds: npt.ArrayLike,
    tax_rate: npt.ArrayLike = GAIN_RATE.value,
    exemption_share: npt.ArrayLike = 0.0,
    deduction_share: npt.ArrayLike = 0.0,
) -> FloatArray:
    """Tax on the gain of one deal by itself.

    Parameters
    ----------
    cost, proceeds : array_like
        Million CNY, nominal, positive.
    tax_rate : array_like
        On gains.
    exemption_share : array_like
        Of the tax that is not raised; the seed proposes 1.
    deduction_share : array_like
        Of the cost, deducted from the gain of the same deal; what is not used is lost. `angel_tax` has the reuse.

    Returns
    -------
    ndarray
        rate · (1 - exemption) · max(0, proceeds - cost - deduction · cost). A loss is not offset.

    References
    ----------
    `GAIN_RATE` (M: recalled, unverified), `INVESTMENT_DEDUCTION` (S), `ANGEL_EXEMPTION_SEED` (S).
    """
    invested, sold = amounts(cost=cost, proceeds=proceeds)
    rate, exempt, deducted = shares(tax_rate=tax_rate, exemption_share=exemption_share, deduction_share=deduction_share)
    return np.asarray(rate * (1.0 - exempt) * np.maximum(sold - invested - deducted * invested, 0.0))


def angel_tax(
    cost: npt.ArrayLike,
    gains: npt.ArrayLike,
    invested: npt.ArrayLike,
    liquidated: npt.ArrayLike | None = None,
    is_eligible: npt.ArrayLike = True,
    tax_rate: float = GAIN_RATE.value,
    terms: InvestmentDeduction = INVESTMENT_DEDUCTION.value,
    periods_per_year: float = 1,
) -> AngelTax:
    """Tax of an angel with several deals, who can use what a failed company left of its deduction on others.

    Parameters
    ----------
    cost : array_like of shape (…, deal)
        Invested, million CNY, nominal, positive.
    gains : array_like of shape (…, deal, period)
        Gain from selling a deal's shares in a period; a loss counts as 0, since no other gain is reduced by it.
    invested : array_like of int, broadcast to (…, deal)
        Column of the investment.
    liquidated : array_like of int, broadcast to (…, deal)
        Column in which the company was liquidated or struck off while held; the number of columns or more for one
        that was not. None: none was.
    is_eligible : array_like of bool, broadcast to (…, deal)
        `is_eligible_start_up`. Others earn no deduction, and their gains take none.
    tax_rate : float
        On gains.
    terms : InvestmentDeduction
        `INVESTMENT_DEDUCTION` has them with their dates.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    AngelTax
        For every deal earned = Σ used + Σ expired + left.

    Raises
    ------
    ValueError
        If amounts are missing, costs negative, columns not whole, or the shapes do not fit.

    Notes
    -----
    A deduction is earned in the column two years after the investment, unless the company is liquidated before that
    (a choice: the circular speaks of investments held for 24 months). It is used on gains of its own deal first. From
    the column of the liquidation to the one 36 months later, both included, it is also used on gains of other eligible
    deals, that of the company first liquidated first. Deductions of companies that were sold and not liquidated are
    of no other use.

    References
    ----------
    `INVESTMENT_DEDUCTION` (S), `GAIN_RATE` (M: recalled, unverified).
    """
    refuse_bad_periods(periods_per_year)
    realised = over_time("gains", gains)
    if realised.ndim < -_DEAL_AXIS:
        raise ValueError(message("fund.no_deal_axis", name="gains", shape=realised.shape))
    (realised,) = yearly_gains(gains=realised)
    n_periods = realised.shape[-1]
    (paid,), (eligible,) = amounts(cost=cost), amounts(is_eligible=is_eligible)
    shape = joint_shape(cost=paid.shape, gains=realised.shape[:-1], is_eligible=eligible.shape)
    room = np.array(np.broadcast_to(np.maximum(realised, 0.0), (*shape, n_periods)))
    begun = columns("invested", invested, shape)
    ended = columns("liquidated", n_periods if liquidated is None else liquidated, shape)
    (share,), (rate,) = shares(share=terms.share), shares(tax_rate=tax_rate)
    ready = begun + math.ceil(terms.waiting_years * periods_per_year - 1e-9)
    is_eligible = np.broadcast_to(eligible > 0.0, shape)
    is_earned = is_eligible & (ready < n_periods) & (ended >= ready)
    last = ended + math.floor(terms.reuse_years * periods_per_year + 1e-9)
    deals = _Deals(np.where(is_earned, share * paid, 0.0), ready, ended, last, is_eligible)
    used, expired, left = _use_deductions(deals, room)
    taxable = (room - used).sum(axis=_DEAL_AXIS)
    return AngelTax(rate * np.maximum(taxable, 0.0), deals.earned, used, expired, left)


def _use_deductions(deals: _Deals, room: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Use each deal's deduction, on its own gains and then on others', column by column."""
    balance = np.zeros(deals.earned.shape)
    used, expired = np.zeros(room.shape), np.zeros(room.shape)
    oldest_first = np.argsort(deals.liquidated, axis=-1, kind="stable")
    for t in range(room.shape[-1]):
        balance += np.where(deals.ready == t, deals.earned, 0.0)
        own = np.minimum(balance, room[..., t])
        balance -= own
        others = np.where(deals.is_eligible, room[..., t] - own, 0.0).sum(axis=-1, keepdims=True)
        free = np.where((deals.liquidated <= t) & (t <= deals.last), balance, 0.0)
        reused = _first_in_order(free, others, oldest_first)
        balance -= reused
        used[..., t] = own + reused
        expired[..., t] = np.where(deals.last == t, balance, 0.0)
        balance -= expired[..., t]
    return used, expired, balance


def _first_in_order(available: FloatArray, room: FloatArray, order: npt.NDArray[np.intp]) -> FloatArray:
    """Take from what is available, in an order along the last axis, as long as there is room (…, 1)."""
    in_order = np.take_along_axis(available, order, axis=-1)
    before = np.zeros(in_order.shape)
    before[..., 1:] = np.cumsum(in_order, axis=-1)[..., :-1]
    taken = np.empty(available.shape)
    np.put_along_axis(taken, order, np.clip(room - before, 0.0, in_order), axis=-1)
    return taken
