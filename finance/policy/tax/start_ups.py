"""The deduction of 70 % of an investment in a start-up: which start-ups, and what companies deduct."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, known_flows
from finance.policy.tax.dated import Rule
from finance.policy.tax.losses import CarryForward, carry_forward
from finance.policy.tax.reading import BoolArray, amounts, columns, shares, yearly_gains


class InvestmentDeduction(NamedTuple):
    """Terms of the deduction."""

    share: float  # of the cost of the investment
    waiting_years: int  # that it has to be held
    reuse_years: int  # after a liquidation in which an angel can use the rest on other start-ups


class StartUp(NamedTuple):
    """What a start-up may be when it is invested in."""

    staff: float  # at most
    graduate_share: float  # at least
    assets: float  # at most, million CNY
    revenue: float  # at most, million CNY
    age_months: float  # at most
    unlisted_years: int  # after the investment
    research_share: float  # of cost, at least


INVESTMENT_DEDUCTION = Rule(
    "investment_deduction",
    InvestmentDeduction(share=0.70, waiting_years=2, reuse_years=3),
    "S",
    "Caishui 2018-55: 70 % after 24 months, to the end of 2027, in Shine, https://www.shine.cn/biz/economy/2308022714/; "
    "companies carry the excess forward, in China Express 17, https://www.artxdigi.com/en/insights/china-express17; "
    "angels' 36 months, in leetsai.com's translation of the circular, https://www.leetsai.com/general-corporate-"
    "incorporation/circular-of-the-ministry-of-finance-and-the-state-administration-of-taxation-on-the-relevant-tax-"
    "policies-for-venture-capital-enterprises-and-individual-angel-investors-cai-shui-2018-no-55-mainl-2; the first day "
    "was not read",
    last_day=date(2027, 12, 31),
)
START_UP = Rule(
    "start_up",
    StartUp(
        staff=300.0,
        graduate_share=0.30,
        assets=50.0,
        revenue=50.0,
        age_months=60.0,
        unlisted_years=2,
        research_share=0.20,
    ),
    "S",
    "Caishui 2018-55 with the limits raised by Caishui 2019-13; http://lnmlw.com/Localtaxation/nkytjesgpb.html; the "
    "first day, that of 2019, is recalled",
    first_day=date(2019, 1, 1),
    last_day=date(2027, 12, 31),
)


def is_eligible_start_up(
    staff: npt.ArrayLike,
    graduate_share: npt.ArrayLike,
    assets: npt.ArrayLike,
    revenue: npt.ArrayLike,
    age_months: npt.ArrayLike,
    unlisted_years: npt.ArrayLike,
    research: npt.ArrayLike,
    cost: npt.ArrayLike,
    limits: StartUp = START_UP.value,
) -> BoolArray:
    """Tell whether an investment in a start-up can be deducted.

    Parameters
    ----------
    staff, graduate_share, assets, revenue : array_like, (…)
        People, share of them with a degree, total assets and yearly revenue (million CNY), when it is invested in.
    age_months : array_like, (…)
        Since it was founded.
    unlisted_years : array_like, (…)
        Years after the investment for which it stays unlisted; 0 if it is listed already.
    research, cost : array_like of shape (…, 2)
        Spending on research, and all cost and expenses, million CNY, in the year of the investment and the next.
    limits : StartUp
        `START_UP` has them with their dates.

    Returns
    -------
    ndarray of bool, (…)
        Whether it is within every limit.

    Raises
    ------
    ValueError
        If amounts are missing or negative, or the shapes do not fit.

    Notes
    -----
    Research is held against cost over both years together: Σ research ≥ .2 Σ cost. That the two years are added is
    recalled from the tax administration's notice 2018-43, unverified. A company without cost has no research.

    References
    ----------
    `START_UP` (S).
    """
    people, owned, sold, months, listed_after = amounts(
        staff=staff, assets=assets, revenue=revenue, age_months=age_months, unlisted_years=unlisted_years
    )
    (graduates,) = shares(graduate_share=graduate_share)
    spent, all_cost = (np.asarray(flows.sum(axis=-1)) for flows in known_flows(research=research, cost=cost))
    is_small = (people <= limits.staff) & (owned <= limits.assets) & (sold <= limits.revenue)
    is_young = (months <= limits.age_months) & (listed_after >= limits.unlisted_years)
    does_research = (all_cost > 0.0) & (spent >= limits.research_share * all_cost)
    return np.asarray(is_small & is_young & (graduates >= limits.graduate_share) & does_research)


def deduction_earned(
    paid_in: npt.ArrayLike, terms: InvestmentDeduction = INVESTMENT_DEDUCTION.value, held_share: float = 1.0
) -> FloatArray:
    """Deduction that investments earn, in the year in which they have been held long enough.

    Parameters
    ----------
    paid_in : array_like of shape (…, year)
        Invested in eligible start-ups, million CNY, positive; all of it held for the waiting time.
    terms : InvestmentDeduction
        `INVESTMENT_DEDUCTION` has them with their dates.
    held_share : float
        The partner's share of the fund, where the fund invests.

    Returns
    -------
    ndarray of shape (…, year)
        earned(t) = share · paid in(t - 2).

    References
    ----------
    `INVESTMENT_DEDUCTION` (S).
    """
    (invested,) = known_flows(paid_in=paid_in)
    (deducted,), (held,) = shares(share=terms.share), shares(held_share=held_share)
    wait = int(columns("waiting_years", terms.waiting_years, ()))
    earned = np.zeros(invested.shape)
    n_years = invested.shape[-1]
    if wait < n_years:
        earned[..., wait:] = deducted * held * np.maximum(invested[..., : n_years - wait], 0.0)
    return earned


def corporate_deduction(
    paid_in: npt.ArrayLike,
    income: npt.ArrayLike,
    terms: InvestmentDeduction = INVESTMENT_DEDUCTION.value,
    held_share: float = 1.0,
) -> CarryForward:
    """What a corporate venture fund, or a company that is a fund's partner, deducts from its taxable income.

    Parameters
    ----------
    paid_in : array_like of shape (…, year)
        As in `deduction_earned`.
    income : array_like of shape (…, year)
        Taxable income of the year (a partner's: its share of the fund's) before the deduction, million CNY, nominal;
        there is nothing to deduct from a loss.
    terms : InvestmentDeduction
        `INVESTMENT_DEDUCTION` has them with their dates.
    held_share : float
        The partner's share of the fund.

    Returns
    -------
    CarryForward
        ``used`` is what is deducted; the excess is carried forward and never expires. The tax saved is the rate times
        what is used.

    References
    ----------
    `INVESTMENT_DEDUCTION` (S).
    """
    (before,) = yearly_gains(income=income)
    return carry_forward(deduction_earned(paid_in, terms, held_share), np.maximum(before, 0.0))
