"""A company's tax account: losses carried forward by the year they arose, used against income after the exit.

Before its exit a venture has no income, so nothing is deducted and no tax falls due. Every yuan it spends is a loss
carried forward; what it spends on research counts again by the super-deduction. After the exit a company earns a yield on
what was paid for it, uses the oldest losses first, and loses what is too old. In the years of a holiday it pays nothing,
then less. Exit values are those of companies that deduct their cost alone and pay in full; super-deduction and holiday
add the tax that they save on top of that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from finance.compiling import njit
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.grids import QUALITY
from finance.market.laws import ExitLaw
from finance.market.packed import Era
from finance.market.records import COMPANY_TAX_FORGONE, COMPANY_TAX_RECEIVED, NEVER, Notes
from finance.market.state import Memory
from finance.market.terms import Floats, Terms

#: Planes of a venture's spending by year.
CASH, RESEARCH = range(2)
#: Years after an exit for which a company's tax is counted as received.
TAXED_YEARS = 10
_INCOMES = 48


@njit
def tax_after(stock: Floats, year: int, income: float, rate: float, carry: int, t: int) -> float:
    """Tax due `t` years after the exit.

    Parameters
    ----------
    stock : ndarray of shape (year,)
        Losses left, by the year they arose; what is used is taken off.
    year : int
        Of the exit, on the same axis.
    income : float
        Of the year, before losses.
    rate : float
    carry : int
        Years after which a loss expires.
    t : int
        From 1.
    """
    left = income
    for origin in range(max(0, year + t - carry), min(year + 1, len(stock))):
        used = min(stock[origin], left)
        stock[origin] -= used
        left -= used
    return rate * left


@njit
def holiday_factor(t: int, holiday_years: int, reduced_years: int, reduced_share: float, kept: float) -> float:
    """Part of its tax that a company pays in the `t`-th year after its exit, its first year with income.

    Nothing in the years of a holiday, `reduced_share` in the years after it, all of it from then on. `kept` is the share
    of the relief that survives the sale of the company.
    """
    if t <= holiday_years:
        return 1.0 - kept
    if t <= holiday_years + reduced_years:
        return 1.0 - kept * (1.0 - reduced_share)
    return 1.0


@njit
def note_spending(memory: Memory, era: Era, venture: Any, cash: float) -> None:
    """Write down cash that a venture has got, all of which it spends, and what of it is research."""
    year = memory.now[0].quarter // QUARTERS_A_YEAR
    memory.spending[venture.slot, year, CASH] += cash
    memory.spending[venture.slot, year, RESEARCH] += cash * era.cells[venture.sector, venture.stage].research_share


@njit
def tax_saved(memory: Memory, era: Era, notes: Notes, venture: Any, price: float, kept: float) -> float:
    """What super-deduction and holiday save a company sold at a price: present value; the treasury's account of it.

    Parameters
    ----------
    memory, era, notes
    venture
    price : float
        Paid for the company without them.
    kept : float
        Share of losses, and of the relief, that survive the sale.
    """
    rules, now = era.numbers[0], memory.now[0]
    rate, income, year = rules.company_tax_rate, rules.earnings_yield * price, now.quarter // QUARTERS_A_YEAR
    if rate <= 0.0 or income <= 0.0:
        return 0.0
    plain, enlarged = memory.losses[0], memory.losses[1]
    for origin in range(len(plain)):
        cost = memory.spending[venture.slot, origin, CASH]
        plain[origin] = kept * cost
        enlarged[origin] = kept * (cost + rules.super_deduction_share * memory.spending[venture.slot, origin, RESEARCH])
    present = 0.0
    holiday, reduced = rules.holiday_years, rules.reduced_years
    for t in range(1, max(rules.carry_forward_years, TAXED_YEARS, holiday + reduced) + 1):
        due = tax_after(plain, year, income, rate, rules.carry_forward_years, t)
        paid = tax_after(enlarged, year, income, rate, rules.carry_forward_years, t)
        paid *= holiday_factor(t, holiday, reduced, rules.reduced_share, kept)
        present += (due - paid) * (1.0 + rules.continuing_rate) ** -t
        if venture.cohort != NEVER:
            quarter, last = now.quarter + QUARTERS_A_YEAR * t, rules.n_quarters - 1
            late = (1.0 + rules.continuing_rate) ** (-0.25 * max(0, quarter - last))
            if t <= TAXED_YEARS:
                notes.company_tax[min(quarter, last), COMPANY_TAX_RECEIVED] += late * paid
            notes.company_tax[min(quarter, last), COMPANY_TAX_FORGONE] += late * (due - paid)
    return present


def expected_saving(terms: Terms, sector: int, spread: Floats) -> ExitLaw:
    """What buyers are expected to add for what tax is saved, by road and quality, for a venture that took typical time.

    Parameters
    ----------
    terms : Terms
    sector : int
    spread : ndarray of shape (node,)
        Equally likely standard deviations of the log exit value, truncated.

    Returns
    -------
    ExitLaw
        Expected saving of listings and of trade sales (before the trade discount), (quality,).
    """
    is_relieved = terms.super_deduction_share != 0.0 or terms.holiday_years + terms.reduced_years > 0
    if not is_relieved or terms.company_tax_rate <= 0.0 or terms.earnings_yield <= 0.0:
        return ExitLaw(np.zeros(len(QUALITY)), np.zeros(len(QUALITY)))
    mu = terms.exit_log_median[sector] + terms.quality_log_value[sector] * QUALITY[:, None]
    value = np.exp(mu + terms.exit_log_sd[sector] * spread)
    listing = max(terms.ipo_floor, terms.trade_floor)
    kept = 1.0 - terms.trade_sale_discount
    grid = np.exp(np.linspace(np.log(terms.trade_floor * 0.5 + 1e-6), np.log(value.max() + 1.0), _INCOMES))
    history = _typical_spending(terms, sector)
    whole = np.array([_saving(terms, history, price, 1.0) for price in grid])
    sold = np.array([_saving(terms, history, kept * price, terms.transferable_share) for price in grid])
    is_listed, is_sold = value >= listing, (value >= terms.trade_floor) & (value < listing)
    return ExitLaw(
        np.where(is_listed, np.interp(value, grid, whole), 0.0).mean(axis=1),
        np.where(is_sold, np.interp(value, grid, sold), 0.0).mean(axis=1) / kept if kept > 0.0 else 0.0 * mu[:, 0],
    )


def _typical_spending(terms: Terms, sector: int) -> Floats:
    """Cash and research (year before the exit, 2) of a venture that passes every stage at the first try."""
    chain, stage = [], int(terms.first_stage[sector])
    while stage >= 0:
        chain.append(stage)
        stage = int(terms.next_stage[sector, stage])
    years, before = np.zeros((64, 2)), 0.0
    for i in reversed(chain):
        before += terms.mean_quarters[sector, i] / QUARTERS_A_YEAR
        place = min(int(before + 0.5), len(years) - 1)
        years[place, CASH] += terms.need[sector, i]
        years[place, RESEARCH] += terms.need[sector, i] * terms.research_share[sector, i]
    return years


def _saving(terms: Terms, history: Floats, price: float, kept: float) -> float:
    """Present value of what super-deduction and holiday save at a price, for a history by years before the exit."""
    cash, research = history[::-1, CASH], history[::-1, RESEARCH]
    plain, enlarged = kept * cash, kept * (cash + terms.super_deduction_share * research)
    year, income, present = len(history) - 1, terms.earnings_yield * price, 0.0
    holiday, reduced = terms.holiday_years, terms.reduced_years
    for t in range(1, max(terms.carry_forward_years, holiday + reduced) + 1):
        due = tax_after(plain, year, income, terms.company_tax_rate, terms.carry_forward_years, t)
        paid = tax_after(enlarged, year, income, terms.company_tax_rate, terms.carry_forward_years, t)
        paid *= holiday_factor(t, holiday, reduced, terms.reduced_share, kept)
        present += (due - paid) * (1.0 + terms.continuing_rate) ** -t
    return present
