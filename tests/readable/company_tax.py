"""A company's tax account: what it has spent is lost income, used up after the exit, the oldest first."""

from finance.market.company_tax import TAXED_YEARS
from finance.market.records import COMPANY_TAX_FORGONE, COMPANY_TAX_RECEIVED


def spend(economy, venture, cash):
    """Write down cash that a venture has got, in the year it got it, and what of it is research."""
    year = economy.quarter // 4
    research = cash * float(economy.terms.research_share[venture.sector, venture.stage])
    before = venture.spending.get(year, (0.0, 0.0))
    venture.spending[year] = (before[0] + cash, before[1] + research)


def saved(economy, venture, price, kept=1.0):
    """Present value of what tax relief saves a company that is sold now; of the cohort's, the treasury's side.

    ``kept`` is the share of losses that survives the sale.
    """
    terms = economy.terms
    if terms.company_tax_rate * terms.earnings_yield * price <= 0.0:
        return 0.0
    plain, enlarged = (
        {year: kept * (cash + share * research) for year, (cash, research) in sorted(venture.spending.items())}
        for share in (0.0, terms.super_deduction_share)
    )
    value = 0.0
    relieved = terms.holiday_years + terms.reduced_years
    for years_on in range(1, max(terms.carry_forward_years, TAXED_YEARS, relieved) + 1):
        without = tax(economy, plain, price, years_on)
        paid = tax(economy, enlarged, price, years_on)
        if years_on <= relieved:
            forgiven = 1.0 if years_on <= terms.holiday_years else 1.0 - terms.reduced_share
            paid -= kept * forgiven * paid
        value += (without - paid) / (1.0 + terms.continuing_rate) ** years_on
        if venture.row is not None:
            if years_on <= TAXED_YEARS:
                book(economy, years_on, COMPANY_TAX_RECEIVED, paid)
            book(economy, years_on, COMPANY_TAX_FORGONE, without - paid)
    return value


def tax(economy, losses, price, years_on):
    """Tax on a year's income, so many years after a sale now; takes what is used off the losses {year: amount}."""
    terms = economy.terms
    income, year = terms.earnings_yield * price, economy.quarter // 4 + years_on
    for origin in losses:
        if year - origin <= terms.carry_forward_years:
            used = min(losses[origin], income)
            losses[origin] -= used
            income -= used
    return terms.company_tax_rate * income


def book(economy, years_on, account, amount):
    """Write tax down in its quarter; what falls behind the clock's end, in the last one at the rate of the company."""
    quarter, last = economy.quarter + 4 * years_on, economy.own.terms.n_quarters - 1
    if quarter > last:
        amount /= (1.0 + economy.terms.continuing_rate) ** ((quarter - last) / 4)
    economy.record.company_tax[min(quarter, last), account] += amount
