"""An individual partner of a venture fund: 20 % fund by fund, or 5-35 % on whole income, locked for three years."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.fund.terms import refuse_bad_count, refuse_below
from finance.language import message
from finance.policy.tax.dated import Rule
from finance.policy.tax.losses import LOSS_LIFE, carry_forward
from finance.policy.tax.reading import BoolArray, shares, yearly_gains
from finance.policy.tax.salaries import BUSINESS_INCOME, Schedule, progressive_tax


class SingleFund(NamedTuple):
    """Terms of the election."""

    rate: float  # under single-fund accounting
    lock_years: int  # before another can be chosen


SINGLE_FUND_TO_2023 = Rule(
    "single_fund_to_2023",
    SingleFund(rate=0.20, lock_years=3),
    "S",
    "Caishui 2019-8, 2019-2023: single-fund at 20 % or whole income at 5-35 %, locked for 3 years; "
    "http://nvmoo.com/zonghezixun/202011/72361.html",
    first_day=date(2019, 1, 1),
    last_day=date(2023, 12, 31),
)
SINGLE_FUND = Rule(
    "single_fund",
    SingleFund(rate=0.20, lock_years=3),
    "M",
    "The same, extended to the end of 2027 (recalled, unverified); it is in the tax guide of 2023, "
    "http://dqxsk.qzsme.net/book/20231128/b3cb1/files/basic-html/page70.html",
    first_day=date(2024, 1, 1),
    last_day=date(2027, 12, 31),
    otherwise=SINGLE_FUND_TO_2023,
)

#: Every order of elections is tried: twice as many for each further lock.
MOST_LOCKS = 10


class PartnerFlows(NamedTuple):
    """A partner's part of a fund's year, all (…, year); `partner_flows`."""

    gains: FloatArray
    dividends: FloatArray
    expenses: FloatArray
    deduction: FloatArray


class Election(NamedTuple):
    """A partner's choice, and what it costs; `elect`."""

    is_whole_income: BoolArray  # (…, year)
    tax: FloatArray  # (…, year), as chosen
    present_value: FloatArray  # (…), of ``tax``
    single_fund_tax: FloatArray  # (…, year), if single-fund were chosen throughout
    whole_income_tax: FloatArray  # (…, year), if whole income were


def partner_flows(
    gains: npt.ArrayLike,
    dividends: npt.ArrayLike = 0.0,
    expenses: npt.ArrayLike = 0.0,
    deduction: npt.ArrayLike = 0.0,
) -> PartnerFlows:
    """Read a partner's part of what a fund earns and spends.

    Parameters
    ----------
    gains : array_like of shape (…, year)
        Net gain of the year from sales of holdings, gains and losses of projects offset; million CNY, nominal.
    dividends : array_like
        Dividends and interest, positive; one number or one a year.
    expenses : array_like
        Fee and carry, positive.
    deduction : array_like
        70 % of cost that comes free in the year (`deduction_earned`), positive.

    Returns
    -------
    PartnerFlows
        All of one shape.

    Raises
    ------
    ValueError
        If amounts are missing, those that are positive are negative, or the shapes do not fit.
    """
    (net,) = yearly_gains(gains=gains)
    positive = {"dividends": dividends, "expenses": expenses, "deduction": deduction}
    spread = {
        name: np.broadcast_to(values, net.shape[-1:]) if np.ndim(values) == 0 else values
        for name, values in positive.items()
    }
    read = yearly_gains(gains=net, **spread)
    for name, values in zip(positive, read[1:], strict=True):
        if np.any(values < 0.0):
            raise ValueError(message("fund.negative_amount", name=name, value=f"{np.min(values):g}"))
    return PartnerFlows(*read)


def single_fund_tax(flows: PartnerFlows, rate: float = SINGLE_FUND.value.rate) -> FloatArray:
    """Tax of a partner whose fund is accounted for by itself.

    Parameters
    ----------
    flows : PartnerFlows
        From `partner_flows`. Expenses are not deductible.
    rate : float
        20 % if left out.

    Returns
    -------
    ndarray of shape (…, year)
        rate · (max(0, max(0, gains) - deduction) + dividends). A year of losses counts as 0; neither it nor what is
        not used of the deduction is carried forward.

    References
    ----------
    `SINGLE_FUND_TO_2023` (S), unused deduction (S), `SINGLE_FUND` (M), fee and carry, year of losses, dividends (M:
    recalled, unverified).
    """
    (share,) = shares(rate=rate)
    return share * (np.maximum(np.maximum(flows.gains, 0.0) - flows.deduction, 0.0) + flows.dividends)


def whole_income_tax(
    flows: PartnerFlows,
    schedule: Schedule = BUSINESS_INCOME.value,
    life_years: int | None = LOSS_LIFE.value,
    is_whole_income: npt.ArrayLike = True,
) -> FloatArray:
    """Tax of a partner whose part of all the fund's income is business income.

    Parameters
    ----------
    flows : PartnerFlows
        From `partner_flows`; the partner has no other business income.
    schedule : Schedule
        5-35 % if left out.
    life_years : int or None
        For which losses are carried forward.
    is_whole_income : array_like of bool, (…, year)
        Years for which this was chosen; losses and deductions of other years do not count, and none is used in them.

    Returns
    -------
    ndarray of shape (…, year)
        Tax by the schedule of gains + dividends - expenses, less losses carried forward, less the deduction, whose
        excess is carried forward too and does not expire; 0 in other years.

    Notes
    -----
    Losses go first, because they expire. They grow older during years of the other election (assumed).

    References
    ----------
    `SINGLE_FUND_TO_2023` (S: losses carry forward), `BUSINESS_INCOME` and `LOSS_LIFE` (M: recalled, unverified), excess
    of the deduction (recalled, unverified).
    """
    chosen = np.broadcast_to(np.asarray(is_whole_income, dtype=np.bool_), flows.gains.shape)
    net = np.where(chosen, flows.gains + flows.dividends - flows.expenses, 0.0)
    income = np.maximum(net, 0.0)
    income = np.maximum(income - carry_forward(np.maximum(-net, 0.0), income, life_years).used, 0.0)
    deducted = carry_forward(np.where(chosen, flows.deduction, 0.0), income).used
    return progressive_tax(np.maximum(income - deducted, 0.0), schedule)


def elect(
    flows: PartnerFlows,
    discount_rate: float,
    terms: SingleFund = SINGLE_FUND.value,
    schedule: Schedule = BUSINESS_INCOME.value,
    life_years: int | None = LOSS_LIFE.value,
    knows_its_path: bool = True,
) -> Election:
    """Choose between the two for each lock, as a rational partner would.

    Parameters
    ----------
    flows : PartnerFlows
        From `partner_flows`; column k is paid k years after the first.
    discount_rate : float
        A year, nominal, decimal.
    terms : SingleFund
        `SINGLE_FUND` has them with their dates.
    schedule, life_years
        As in `whole_income_tax`.
    knows_its_path : bool
        True: the best choice for each path in hindsight, a bound on what an election can be worth. False: one choice
        for all leading axes, made in advance, with the lowest mean.

    Returns
    -------
    Election
        Its present value is never above that of either throughout (False: on average).

    Raises
    ------
    ValueError
        If there are more than `MOST_LOCKS` locks, or a term is wrong.

    Notes
    -----
    All orders of elections over the locks are worked out, since a loss made under one election is worth something in
    a later lock of it; min over orders of Σ tax(k) (1 + r)^-k. At equal values single-fund, the earlier the better.

    References
    ----------
    `SINGLE_FUND` (M), `SINGLE_FUND_TO_2023` (S).
    """
    refuse_below("discount_rate", discount_rate, 0.0)
    refuse_bad_count("lock_years", terms.lock_years)
    n_years = flows.gains.shape[-1]
    n_locks = -(-n_years // terms.lock_years)
    if n_locks > MOST_LOCKS:
        raise ValueError(message("policy.too_many_locks", n_locks=n_locks, most=MOST_LOCKS, n_years=n_years))
    worth = (1.0 + discount_rate) ** -np.arange(n_years)
    single = single_fund_tax(flows, terms.rate)
    choice, tax = np.zeros(flows.gains.shape, dtype=np.bool_), single.copy()
    best = np.sum(single * worth, axis=-1)
    whole = single
    for order in list(product((False, True), repeat=n_locks))[1:]:
        mask = np.repeat(order, terms.lock_years)[:n_years]
        whole = whole_income_tax(flows, schedule, life_years, mask)
        mixed = np.where(mask, whole, single)
        value = np.sum(mixed * worth, axis=-1)
        is_better = value < best if knows_its_path else np.broadcast_to(value.mean() < best.mean(), best.shape)
        choice[is_better], tax[is_better] = mask, mixed[is_better]
        best = np.where(is_better, value, best)
    # The last order of all is whole income throughout.
    return Election(choice, tax, best, single, whole)
