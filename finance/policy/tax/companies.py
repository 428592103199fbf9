"""Income tax of companies in China: rates, early years, income from technology, technology paid in as equity."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.policy.tax.dated import Rule
from finance.policy.tax.reading import amounts, columns, gains, shares, yearly_gains


class SmallCompany(NamedTuple):
    """How large a small low-profit company may be; all three hold."""

    income: float  # taxable, million CNY
    staff: float
    assets: float  # million CNY


class EarlyRelief(NamedTuple):
    """Years without income tax, then years at half the rate."""

    holiday_years: int
    half_rate_years: int


STANDARD_RATE = Rule(
    "company_rate",
    0.25,
    "S",
    "Corporate income tax, standard rate; http://lnmlw.com/Localtaxation/zruuxywoci.html",
)
HIGH_TECH_RATE = Rule(
    "company_rate_high_tech",
    0.15,
    "M",
    "Corporate income tax law, article 28 (recalled, unverified)",
)
HENGQIN_RATE = Rule(
    "company_rate_hengqin",
    0.15,
    "S",
    "Hengqin plan of 2021: qualifying companies; http://www.herich.com.cn/zixun/zhongguojingji/2021-09-09/516801.html",
)
SMALL_RATE = Rule(
    "company_rate_small",
    0.05,
    "S",
    "RSA, China low-profit enterprise 5 % tax until 2027: a quarter of the income at 20 %; the first day was not read; "
    "https://www.rsa-tax.com/single-post/china-low-profit-enterprise-5-tax-until-2027",
    last_day=date(2027, 12, 31),
    otherwise=STANDARD_RATE,
)
SMALL_COMPANY = Rule(
    "small_company",
    SmallCompany(income=3.0, staff=300.0, assets=50.0),
    "S",
    "Asia Briefing, new tax incentives: size tests of small low-profit companies; https://www.asiabriefing.com/"
    "countryguide/china/taxation-and-accounting/tax-incentives-for-businesses/new-tax-incentives",
    last_day=date(2027, 12, 31),
)
TECHNOLOGY_TRANSFER_EXEMPT = Rule(
    "technology_transfer_exempt",
    5.0,
    "S",
    "Income from technology transfer, all China: first 5 m a year exempt, the rest half; "
    "https://jiufanju.com/body/20221027/276086_69.html",
)
TECHNOLOGY_TRANSFER_EXEMPT_ZHONGGUANCUN = Rule(
    "technology_transfer_exempt_zhongguancun",
    20.0,
    "S",
    "Beijing's two zones, January 2021: first 20 m exempt in parks of Zhongguancun; the source has 2020/21, the first "
    "day is assumed; https://english.beijing.gov.cn/investinginbeijing/two_zones/updates/202101/t20210121_2228280.html",
    first_day=date(2020, 1, 1),
    otherwise=TECHNOLOGY_TRANSFER_EXEMPT,
)
TECHNOLOGY_FOR_EQUITY_RATE = Rule(
    "technology_for_equity_rate",
    0.20,
    "M",
    "Caishui 2016-101: tax on technology paid in as equity deferred to the sale of the shares, individuals at 20 % "
    "(recalled, unverified)",
)
EARLY_RELIEF_SCENARIO = Rule(
    "early_relief_scenario",
    EarlyRelief(holiday_years=5, half_rate_years=5),
    "A",
    "Seed 1 asks to reduce or exempt the income tax of early technology firms and gives no number; policy facts, preset "
    "seeds-tax-only: none for 5 years, then 7.5 % (half of 15 %) for 5",
)


def company_tax_rate(
    income: npt.ArrayLike,
    staff: npt.ArrayLike,
    assets: npt.ArrayLike,
    is_high_tech: npt.ArrayLike = False,
    on: date | None = None,
) -> FloatArray:
    """Rate of corporate income tax: the lowest a company is entitled to.

    Parameters
    ----------
    income : array_like
        Taxable income of the year, million CNY, nominal.
    staff : array_like
        People.
    assets : array_like
        Total, million CNY.
    is_high_tech : array_like of bool
        Recognised as a high-tech enterprise.
    on : date, optional
        A day of the tax year; None takes the small companies' rule as in force.

    Returns
    -------
    ndarray
        .05 for small low-profit companies (income, staff and assets all at most the limits) until the end of 2027,
        else .15 for high-tech companies, else .25. It is a rate on all income: at 3 m the tax jumps.

    References
    ----------
    `STANDARD_RATE`, `SMALL_RATE`, `SMALL_COMPANY` (S), `HIGH_TECH_RATE` (M: recalled, unverified).
    """
    earned, people, owned, high_tech = amounts(
        income=np.maximum(gains(income=income)[0], 0.0), staff=staff, assets=assets, is_high_tech=is_high_tech
    )
    limits = SMALL_COMPANY.value
    is_small = (earned <= limits.income) & (people <= limits.staff) & (owned <= limits.assets)
    large = np.where(high_tech > 0.0, HIGH_TECH_RATE.value, STANDARD_RATE.value)
    small_rate = SMALL_RATE.value if on is None else SMALL_RATE.at(on)
    return np.where(is_small, np.minimum(small_rate, large), large)


def first_profit_column(profit: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Year of a company's first profit.

    Parameters
    ----------
    profit : array_like of shape (…, year)
        Either sign.

    Returns
    -------
    ndarray of int, (…)
        Its column; the number of columns where there is none.
    """
    (earned,) = yearly_gains(profit=profit)
    is_profit = earned > 0.0
    return np.asarray(np.where(is_profit.any(axis=-1), is_profit.argmax(axis=-1), earned.shape[-1]))


def early_relief_rates(
    tax_rate: float,
    n_years: int,
    first_column: npt.ArrayLike = 0,
    holiday_years: int = EARLY_RELIEF_SCENARIO.value.holiday_years,
    half_rate_years: int = EARLY_RELIEF_SCENARIO.value.half_rate_years,
) -> FloatArray:
    """Rates of a company that is relieved of income tax in its early years.

    Parameters
    ----------
    tax_rate : float
        Without the relief.
    n_years : int
        Columns.
    first_column : array_like of int, (…)
        Where the relief begins: 0 for the company's first year, or `first_profit_column`.
    holiday_years, half_rate_years : int
        Years without tax, then at half the rate.

    Returns
    -------
    ndarray of shape (…, year)
        For `company_tax`. Worth nothing to a company before its first profit: a relief that begins with the company
        may be over by then.

    References
    ----------
    `EARLY_RELIEF_SCENARIO` (A: the seed gives no number).
    """
    (rate,) = shares(tax_rate=tax_rate)
    first = columns("first_column", first_column, np.shape(first_column))[..., np.newaxis]
    holiday = first + columns("holiday_years", holiday_years, ())
    half = holiday + columns("half_rate_years", half_rate_years, ())
    year = np.arange(n_years)
    factor = np.where(year < holiday, 0.0, np.where(year < half, 0.5, 1.0))
    return np.asarray(rate * np.where(year < first, 1.0, factor))


def technology_transfer_income(
    income: npt.ArrayLike, exempt_amount: float = TECHNOLOGY_TRANSFER_EXEMPT.value
) -> FloatArray:
    """Part of a year's income from technology transfer that is taxable.

    Parameters
    ----------
    income : array_like
        Of one year, million CNY, nominal; a loss is no income.
    exempt_amount : float
        Free of tax in a year; `TECHNOLOGY_TRANSFER_EXEMPT_ZHONGGUANCUN` has the pilot's.

    Returns
    -------
    ndarray
        max(0, income - exempt) / 2.

    References
    ----------
    `TECHNOLOGY_TRANSFER_EXEMPT`, `TECHNOLOGY_TRANSFER_EXEMPT_ZHONGGUANCUN` (S).
    """
    (earned,), (exempt,) = gains(income=income), amounts(exempt_amount=exempt_amount)
    return np.asarray(0.5 * np.maximum(earned - exempt, 0.0))


def technology_for_equity_tax(
    cost: npt.ArrayLike,
    value: npt.ArrayLike,
    proceeds: npt.ArrayLike,
    tax_rate: float = TECHNOLOGY_FOR_EQUITY_RATE.value,
    is_deferred: bool = True,
) -> tuple[FloatArray, FloatArray]:
    """Tax of somebody who pays technology into a company for shares and sells them later.

    Parameters
    ----------
    cost : array_like
        Tax cost of the technology, million CNY, nominal.
    value : array_like
        Of the shares when they are received.
    proceeds : array_like
        Of their sale.
    tax_rate : float
        On gains; 20 % for individuals.
    is_deferred : bool
        Whether nothing is due until the sale.

    Returns
    -------
    at_contribution, at_sale : ndarray
        Deferred: 0, and rate · max(0, proceeds - cost). Not deferred: rate · max(0, value - cost), and rate ·
        max(0, proceeds - value), so that who is taxed on shares that then fail gets nothing back.

    References
    ----------
    `TECHNOLOGY_FOR_EQUITY_RATE` (M: recalled, unverified). Paying in instalments, without deferral, is left out.
    """
    basis, received, sold = amounts(cost=cost, value=value, proceeds=proceeds)
    (rate,) = shares(tax_rate=tax_rate)
    if is_deferred:
        return np.zeros(basis.shape), np.asarray(rate * np.maximum(sold - basis, 0.0))
    return np.asarray(rate * np.maximum(received - basis, 0.0)), np.asarray(rate * np.maximum(sold - received, 0.0))
