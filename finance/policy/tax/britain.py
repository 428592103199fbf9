"""British reliefs for investors in young companies, as comparators: SEIS, EIS and VCT. Amounts are million GBP."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.policy.tax.dated import Rule
from finance.policy.tax.reading import amounts, shares


class ShareRelief(NamedTuple):
    """Terms of one scheme."""

    relief_rate: float  # income tax credited, of the investment
    yearly_limit: float  # invested a year by one investor
    holding_years: float  # after which the relief is kept
    has_loss_relief: bool
    reinvestment_share: float  # of a gain from elsewhere that is free of tax when invested


class CompanyLimits(NamedTuple):
    """What a company may raise, for other companies and for knowledge-intensive ones."""

    yearly: tuple[float, float]
    lifetime: tuple[float, float]
    assets_before: float
    assets_after: float


class ReliefOutcome(NamedTuple):
    """What an investment brings its investor in tax; all positive; `scheme_outcome`."""

    income_tax_relief: FloatArray  # credited when invested
    relief_withdrawn: FloatArray  # paid back on an early sale
    gain_tax: FloatArray
    loss_relief: FloatArray  # income tax saved by the loss
    net: FloatArray  # gain after all of it; a loss is negative


_BDO = (
    "BDO, EIS, SEIS and VCT: tax efficient investments, a guide for investors; https://www.bdo.co.uk/en-gb/insights/tax/"
    "corporate-tax/eis-seis-and-vct-tax-efficient-investments-a-guide-for-investors"
)
_MILLS_REEVE = (
    "Mills & Reeve, Autumn Budget 2025: higher number of companies eligible for VC and EIS tax reliefs; https://"
    "www.mills-reeve.com/publications/autumn-budget-2025-higher-number-of-companies-eligible-for-vc-and-eis-tax-reliefs"
)
SEIS = Rule("seis", ShareRelief(0.50, 0.2, 3.0, True, 0.50), "S", _BDO)
EIS = Rule("eis", ShareRelief(0.30, 1.0, 3.0, True, 0.0), "S", _MILLS_REEVE)
EIS_KNOWLEDGE_INTENSIVE = Rule("eis_knowledge_intensive", ShareRelief(0.30, 2.0, 3.0, True, 0.0), "S", _MILLS_REEVE)
_VCT_SOURCE = (
    "HM Government, Venture Capital Trusts, Enterprise Investment Scheme: investment limit increase and restructure; "
    "https://www.gov.uk/government/publications/enterprise-investment-scheme-eis-and-venture-capital-trusts-vct-changes/"
    "venture-capital-trusts-enterprise-investment-scheme-investment-limit-increase-and-restructure; other terms in "
    "https://cloudcogroup.com/vct-eis-and-seis-compared/"
)
VCT_TO_APRIL_2026 = Rule(
    "vct_to_april_2026", ShareRelief(0.30, 0.2, 5.0, False, 0.0), "S", _VCT_SOURCE, last_day=date(2026, 4, 5)
)
VCT = Rule(
    "vct",
    ShareRelief(0.20, 0.2, 5.0, False, 0.0),
    "S",
    _VCT_SOURCE,
    first_day=date(2026, 4, 6),
    otherwise=VCT_TO_APRIL_2026,
)
EIS_COMPANY_LIMITS = Rule(
    "eis_company_limits",
    CompanyLimits(yearly=(10.0, 20.0), lifetime=(24.0, 40.0), assets_before=30.0, assets_after=35.0),
    "S",
    _MILLS_REEVE,
    first_day=date(2026, 4, 6),
)


def scheme_outcome(
    terms: ShareRelief,
    invested: npt.ArrayLike,
    proceeds: npt.ArrayLike,
    holding_years: npt.ArrayLike,
    income_tax_rate: float,
    gain_tax_rate: float,
) -> ReliefOutcome:
    """What an investor has of an investment under a British scheme, undiscounted.

    Parameters
    ----------
    terms : ShareRelief
        `SEIS`, `EIS`, `EIS_KNOWLEDGE_INTENSIVE` or `VCT`.
    invested, proceeds : array_like
        In one year in one scheme, and when sold or lost; million GBP, positive.
    holding_years : array_like
        From the one to the other.
    income_tax_rate : float
        Marginal, of the investor, who has the income.
    gain_tax_rate : float
        On gains outside the scheme.

    Returns
    -------
    ReliefOutcome
        net = proceeds - invested + relief - withdrawn - gain tax + loss relief.

    Raises
    ------
    ValueError
        If amounts are missing or negative, rates not from 0 to 1, or the shapes do not fit.

    Notes
    -----
    For the part i of the investment within the yearly limit, that brings p, with relief r = rate · i: held for as long
    as the scheme asks, the gain is free of tax; sold before, min(r, rate · p) is withdrawn and the gain taxed (VCT: not
    taxed). Loss relief = income tax rate · max(0, i - relief kept - p). What is above the limit is taxed as outside the
    scheme, without loss relief. Withdrawal is recalled, unverified. Dividends are left out.

    References
    ----------
    `SEIS`, `EIS`, `VCT` (S).
    """
    paid, received, years = amounts(invested=invested, proceeds=proceeds, holding_years=holding_years)
    (income_rate,), (gain_rate,) = shares(income_tax_rate=income_tax_rate), shares(gain_tax_rate=gain_tax_rate)
    inside = np.minimum(paid, terms.yearly_limit)
    share = np.divide(inside, paid, out=np.ones(paid.shape), where=paid > 0.0)
    inside_proceeds = share * received
    relief = terms.relief_rate * inside
    is_early = years < terms.holding_years
    withdrawn = np.where(is_early, np.minimum(relief, terms.relief_rate * inside_proceeds), 0.0)
    gain = np.maximum(inside_proceeds - inside, 0.0)
    is_taxed = is_early & terms.has_loss_relief
    outside_gain = np.maximum(received - inside_proceeds - (paid - inside), 0.0)
    gain_tax = gain_rate * (np.where(is_taxed, gain, 0.0) + outside_gain)
    loss = np.maximum(inside - (relief - withdrawn) - inside_proceeds, 0.0)
    loss_relief = income_rate * loss * float(terms.has_loss_relief)
    net = received - paid + relief - withdrawn - gain_tax + loss_relief
    return ReliefOutcome(relief, withdrawn, gain_tax, loss_relief, net)


def reinvestment_relief(
    gain: npt.ArrayLike, invested: npt.ArrayLike, gain_tax_rate: float, terms: ShareRelief = SEIS.value
) -> FloatArray:
    """Tax saved on a gain from elsewhere that is invested in a SEIS company.

    Parameters
    ----------
    gain, invested : array_like
        Million GBP, positive.
    gain_tax_rate : float
        On the gain.
    terms : ShareRelief
        `SEIS` if left out.

    Returns
    -------
    ndarray
        rate · reinvestment share · min(gain, invested, yearly limit).

    References
    ----------
    `SEIS` (S).
    """
    earned, paid = amounts(gain=gain, invested=invested)
    (rate,) = shares(gain_tax_rate=gain_tax_rate)
    return np.asarray(rate * terms.reinvestment_share * np.minimum(np.minimum(earned, paid), terms.yearly_limit))


def eis_room(
    raised_this_year: npt.ArrayLike,
    raised_ever: npt.ArrayLike,
    assets: npt.ArrayLike,
    is_knowledge_intensive: npt.ArrayLike = False,
    limits: CompanyLimits = EIS_COMPANY_LIMITS.value,
) -> FloatArray:
    """What a company can still raise under EIS and VCT.

    Parameters
    ----------
    raised_this_year, raised_ever : array_like
        Under the schemes so far, the year's in the second too; million GBP.
    assets : array_like
        Gross, just before the issue.
    is_knowledge_intensive : array_like of bool
        Such companies may raise more.
    limits : CompanyLimits
        `EIS_COMPANY_LIMITS` has them with their date.

    Returns
    -------
    ndarray
        Least room under the yearly, the lifetime and the limit on assets after the issue; 0 for a company with more
        assets than it may have before it.

    References
    ----------
    `EIS_COMPANY_LIMITS` (S; which asset limit is before and which after the issue is recalled).
    """
    year, ever, owned, intensive = amounts(
        raised_this_year=raised_this_year,
        raised_ever=raised_ever,
        assets=assets,
        is_knowledge_intensive=is_knowledge_intensive,
    )
    yearly, lifetime = (np.where(intensive > 0.0, high, low) for low, high in (limits.yearly, limits.lifetime))
    room = np.minimum(np.minimum(yearly - year, lifetime - ever), limits.assets_after - owned)
    return np.where(owned <= limits.assets_before, np.maximum(room, 0.0), 0.0)
