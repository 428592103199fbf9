"""Progressive schedules of individual income tax, and talent whose burden is capped at 15 %."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.language import message
from finance.policy.tax.dated import Rule
from finance.policy.tax.reading import amounts, shares


class Schedule(NamedTuple):
    """Brackets of a progressive tax."""

    thresholds: tuple[float, ...]  # where each bracket begins, the first at 0; million CNY a year
    rates: tuple[float, ...]  # in each bracket


BUSINESS_INCOME = Rule(
    "business_income_schedule",
    Schedule((0.0, 0.03, 0.09, 0.30, 0.50), (0.05, 0.10, 0.20, 0.30, 0.35)),
    "M",
    "Individual income tax law, business income at 5-35 %: the rates read (nvmoo, see the partners' election), the "
    "brackets recalled, unverified",
)
COMPREHENSIVE_INCOME = Rule(
    "comprehensive_income_schedule",
    Schedule((0.0, 0.036, 0.144, 0.30, 0.42, 0.66, 0.96), (0.03, 0.10, 0.20, 0.25, 0.30, 0.35, 0.45)),
    "M",
    "Individual income tax law, comprehensive income at 3-45 % (recalled, unverified; with the basic deduction it "
    "reproduces the published savings of the talent rule to their last digit)",
)
BASIC_DEDUCTION = Rule(
    "basic_deduction",
    0.06,
    "M",
    "Individual income tax law: CNY 60,000 a year (recalled, unverified)",
)
TALENT_RATE_GBA = Rule(
    "talent_rate_gba",
    0.15,
    "S",
    "Nine cities of the Greater Bay Area, overseas talent: burden above 15 % refunded, to the end of 2027; the first day "
    "was not read; https://econmanblog.com/individual-tax-incentives-in-the-greater-bay-area/",
    last_day=date(2027, 12, 31),
)
TALENT_RATE_HAINAN = Rule(
    "talent_rate_hainan",
    0.15,
    "S",
    "Hainan: above 15 % exempt, with a test of 183 days (at least 90 actual), to the end of 2027; the first day was not "
    "read; https://hkcna.hk/docDetail.jsp?channel=2808&id=101085531",
    last_day=date(2027, 12, 31),
)
TALENT_RATE_HENGQIN = Rule(
    "talent_rate_hengqin",
    0.15,
    "S",
    "Hengqin plan of 2021: above 15 % exempt; http://www.herich.com.cn/zixun/zhongguojingji/2021-09-09/516801.html",
)
TALENT_RATE_SEED = Rule(
    "talent_rate_seed",
    0.15,
    "S",
    "Seed 1 (Journal of Shanxi Normal University, social sciences, 2025 no. 5), recommendation 3: 15 % for talent doing "
    "both kinds of innovation",
)


def progressive_tax(income: npt.ArrayLike, schedule: Schedule) -> FloatArray:
    """Tax by brackets.

    Parameters
    ----------
    income : array_like
        Taxable, of one year, million CNY, nominal, positive.
    schedule : Schedule
        `BUSINESS_INCOME` or `COMPREHENSIVE_INCOME`, or another.

    Returns
    -------
    ndarray
        Σ over brackets of rate · income within the bracket.

    Raises
    ------
    ValueError
        If amounts are missing or negative, or the schedule does not begin at 0 and rise.
    """
    (earned,) = amounts(income=income)
    thresholds, rates = np.asarray(schedule.thresholds), np.asarray(schedule.rates)
    if (
        thresholds.shape != rates.shape
        or not thresholds.size
        or thresholds[0] != 0.0
        or np.any(np.diff(thresholds) <= 0)
    ):
        raise ValueError(message("policy.schedule", thresholds=schedule.thresholds, rates=schedule.rates))
    shares(rates=rates)
    steps = np.diff(rates, prepend=0.0)
    return np.asarray(np.sum(steps * np.maximum(earned[..., np.newaxis] - thresholds, 0.0), axis=-1))


def salary_tax(
    salary: npt.ArrayLike,
    deductions: npt.ArrayLike = BASIC_DEDUCTION.value,
    schedule: Schedule = COMPREHENSIVE_INCOME.value,
) -> FloatArray:
    """Individual income tax on a year's salary.

    Parameters
    ----------
    salary : array_like
        Of one year, million CNY, nominal.
    deductions : array_like
        From it: the basic deduction if left out; contributions and special deductions are the caller's.
    schedule : Schedule
        3-45 % if left out.

    Returns
    -------
    ndarray
        Tax of max(0, salary - deductions) by the schedule.

    References
    ----------
    `COMPREHENSIVE_INCOME`, `BASIC_DEDUCTION` (M: recalled, unverified).
    """
    earned, deducted = amounts(salary=salary, deductions=deductions)
    return progressive_tax(np.maximum(earned - deducted, 0.0), schedule)


def talent_refund(
    salary: npt.ArrayLike,
    talent_rate: float = TALENT_RATE_GBA.value,
    deductions: npt.ArrayLike = BASIC_DEDUCTION.value,
    schedule: Schedule = COMPREHENSIVE_INCOME.value,
) -> FloatArray:
    """What talent gets back (or need not pay) of income tax above a flat rate.

    Parameters
    ----------
    salary, deductions, schedule
        As in `salary_tax`.
    talent_rate : float
        Of taxable income, the most that is borne.

    Returns
    -------
    ndarray
        max(0, tax - talent rate · taxable income); 0 for salaries whose average rate is below it.

    Notes
    -----
    The published savings of 16.5, 42.0 and 57.9 % of the tax at 0.5, 1 and 2 million (S~, econmanblog) are reproduced
    to their last digit by a base of salary less the basic deduction of 60,000, for tax and cap alike, and no other
    deduction: 13,080 of 79,080, 102,080 of 243,080, 400,080 of 691,080. (On a base without it they would be 22.7, 44.0
    and 58.2 %.)

    References
    ----------
    `TALENT_RATE_GBA`, `TALENT_RATE_HAINAN`, `TALENT_RATE_HENGQIN`, `TALENT_RATE_SEED` (S).
    """
    earned, deducted = amounts(salary=salary, deductions=deductions)
    (cap,) = shares(talent_rate=talent_rate)
    taxable = np.maximum(earned - deducted, 0.0)
    return np.maximum(progressive_tax(taxable, schedule) - cap * taxable, 0.0)
