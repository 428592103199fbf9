"""Reliefs for angels in America, Israel, Singapore and Korea, as comparators. Amounts are millions of the currency."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.policy.tax.dated import Rule
from finance.policy.tax.reading import amounts, shares
from finance.policy.tax.salaries import Schedule, progressive_tax


class StockExclusion(NamedTuple):
    """Terms of America's section 1202."""

    years: tuple[float, ...]
    exclusion_shares: tuple[float, ...]  # of the gain, held for at least so many years
    cap: float  # of the gain, million USD
    cap_multiple: float  # or this times the basis, if more
    rate: float  # on the part not excluded
    issuer_assets: float  # at most, million USD


class IncomeDeduction(NamedTuple):
    """Terms of Israel's law of 2011."""

    limit: float  # million NIS
    years: int  # over which it is deducted
    gain_rate: float  # later


class AngelDeduction(NamedTuple):
    """Terms of Singapore's lapsed deduction."""

    share: float
    lowest: float  # invested, million SGD
    highest: float


QSBS = Rule(
    "qsbs",
    StockExclusion((3.0, 4.0, 5.0), (0.50, 0.75, 1.00), 15.0, 10.0, 0.28, 75.0),
    "S",
    "Hunton, QSBS benefits expanded by One Big Beautiful Bill: stock issued after 4 July 2025; https://"
    "hunton.sitepilot11.firmseek.com/insights/legal/qsbs-benefits-expanded-by-one-big-beautiful-bill",
    first_day=date(2025, 7, 5),
)
ISRAEL_2011 = Rule(
    "israel_2011",
    IncomeDeduction(limit=5.0, years=3, gain_rate=0.25),
    "S",
    "Angels' law, 2011-19: deducted from any income over 3 years, tax later (whole years taken); https://kronengold.com/israels-angels-law/",
    first_day=date(2011, 1, 1),
    last_day=date(2019, 12, 31),
)
ISRAEL_2023 = Rule(
    "israel_2023",
    0.33,
    "S",
    "UNCTAD investment policy monitor 4404: credit of up to 33 % of the investment, roll-over of gains, from 2023 (the "
    "first day assumed) to the end of 2026; https://investmentpolicy.unctad.org/investment-policy-monitor/measures/4404/"
    "grants-tax-benefits-to-high-tech-angel-investors",
    first_day=date(2023, 1, 1),
    last_day=date(2026, 12, 31),
)
SINGAPORE_ANGELS = Rule(
    "singapore_angels",
    AngelDeduction(share=0.50, lowest=0.1, highest=0.5),
    "M",
    "Angel investors tax deduction, lapsed in March 2020 (recalled, unverified)",
    last_day=date(2020, 3, 31),
)
KOREA_ANGELS = Rule(
    "korea_angels",
    Schedule((0.0, 30.0, 50.0), (1.00, 0.70, 0.30)),
    "S~",
    "Venture in Korea, fund structure: 100 % to KRW 30 m, 70 % to 50 m, 30 % above; "
    "https://ventureinkorea.com/en/fund-structure",
)


def qsbs_tax(
    cost: npt.ArrayLike,
    proceeds: npt.ArrayLike,
    holding_years: npt.ArrayLike,
    gain_tax_rate: float,
    terms: StockExclusion = QSBS.value,
) -> FloatArray:
    """American tax on the gain from qualified small business stock.

    Parameters
    ----------
    cost, proceeds : array_like
        Of one issuer's stock, million USD, positive; the cost is the basis.
    holding_years : array_like
        From issue to sale.
    gain_tax_rate : float
        On gains without the exclusion: of stock sold before three years, and above the cap.
    terms : StockExclusion
        `QSBS`, for stock issued since 5 July 2025 by an issuer of at most 75 m of assets.

    Returns
    -------
    ndarray
        With the gain g and its part within the cap, c = min(g, max(15, 10 · basis)), held for 3, 4, 5 years or more:
        .28 · (1 - exclusion) · c + rate · (g - c); rate · g before.

    References
    ----------
    `QSBS` (S).
    """
    basis, sold, years = amounts(cost=cost, proceeds=proceeds, holding_years=holding_years)
    (rate,) = shares(gain_tax_rate=gain_tax_rate)
    gain = np.maximum(sold - basis, 0.0)
    within = np.minimum(gain, np.maximum(terms.cap, terms.cap_multiple * basis))
    step = np.searchsorted(np.asarray(terms.years), years, side="right")
    excluded = np.asarray((0.0, *terms.exclusion_shares))[step]
    relieved = terms.rate * (1.0 - excluded) * within + rate * (gain - within)
    return np.where(step > 0, relieved, rate * gain)


def israel_2011_tax(
    invested: npt.ArrayLike,
    proceeds: npt.ArrayLike,
    income_tax_rate: float,
    terms: IncomeDeduction = ISRAEL_2011.value,
) -> tuple[FloatArray, FloatArray]:
    """Israel's deduction of 2011-19: from any income now, taxed as a gain later.

    Parameters
    ----------
    invested, proceeds : array_like, (…)
        Million NIS, positive.
    income_tax_rate : float
        Marginal, of the investor, who has the income.
    terms : IncomeDeduction
        `ISRAEL_2011`.

    Returns
    -------
    saved : ndarray of shape (…, year)
        Income tax saved in each of three years, a third of the deduction in each (the split is assumed).
    gain_tax : ndarray, (…)
        At the sale, on the proceeds less the cost that was not deducted.

    References
    ----------
    `ISRAEL_2011` (S).
    """
    paid, received = amounts(invested=invested, proceeds=proceeds)
    (rate,) = shares(income_tax_rate=income_tax_rate)
    deducted = np.minimum(paid, terms.limit)
    saved = np.repeat((rate * deducted / terms.years)[..., np.newaxis], terms.years, axis=-1)
    return saved, np.asarray(terms.gain_rate * np.maximum(received - (paid - deducted), 0.0))


def israel_2023_credit(invested: npt.ArrayLike, credit_rate: float = ISRAEL_2023.value) -> FloatArray:
    """Israel's credit of 2023-26 against tax, at its highest.

    Parameters
    ----------
    invested : array_like
        Million NIS, positive.
    credit_rate : float
        Up to 33 %.

    Returns
    -------
    ndarray
        credit rate · invested. A limit on the amount is not in the source.

    References
    ----------
    `ISRAEL_2023` (S).
    """
    (paid,) = amounts(invested=invested)
    (rate,) = shares(credit_rate=credit_rate)
    return np.asarray(rate * paid)


def rolled_over_gain(gain: npt.ArrayLike, reinvested: npt.ArrayLike) -> FloatArray:
    """Gain that is not taxed until the new investment is sold (Israel, 2023-26).

    Parameters
    ----------
    gain, reinvested : array_like
        Million NIS, positive.

    Returns
    -------
    ndarray
        min(gain, reinvested). It is deferred, not forgiven: it comes off the basis of the new investment.

    References
    ----------
    `ISRAEL_2023` (S; the basis is recalled, unverified).
    """
    earned, paid = amounts(gain=gain, reinvested=reinvested)
    return np.minimum(earned, paid)


def singapore_deduction(
    invested: npt.ArrayLike, holding_years: npt.ArrayLike, terms: AngelDeduction = SINGAPORE_ANGELS.value
) -> FloatArray:
    """Singapore's lapsed deduction from an angel's income.

    Parameters
    ----------
    invested : array_like
        Million SGD, positive.
    holding_years : array_like
        At least two.
    terms : AngelDeduction
        `SINGAPORE_ANGELS`.

    Returns
    -------
    ndarray
        Half of the investment up to the highest amount, from the lowest on; 0 before two years.

    References
    ----------
    `SINGAPORE_ANGELS` (M: recalled, unverified).
    """
    paid, years = amounts(invested=invested, holding_years=holding_years)
    deducted = terms.share * np.minimum(paid, terms.highest)
    return np.where((paid >= terms.lowest) & (years >= 2.0), deducted, 0.0)


def korea_deduction(invested: npt.ArrayLike, schedule: Schedule = KOREA_ANGELS.value) -> FloatArray:
    """Korea's deduction from an individual's income.

    Parameters
    ----------
    invested : array_like
        Million KRW, positive.
    schedule : Schedule
        `KOREA_ANGELS`: shares deducted by brackets of the investment.

    Returns
    -------
    ndarray
        Σ over brackets of share · investment within the bracket.

    References
    ----------
    `KOREA_ANGELS` (S~).
    """
    return progressive_tax(invested, schedule)
