"""Relief for corporate venture funds that hold long: Zhongguancun and Pudong."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, over_time
from finance.language import message
from finance.policy.tax.dated import Rule
from finance.policy.tax.reading import amounts, gains, shares


class HoldingRelief(NamedTuple):
    """Terms of the relief."""

    half_years: float  # held for longer than this: half
    full_years: float  # for longer than this: all
    gain_share: float  # of the year's gains, which long holdings have to exceed


_TERMS = HoldingRelief(half_years=3.0, full_years=5.0, gain_share=0.5)

HOLDING_RELIEF_ZHONGGUANCUN = Rule(
    "holding_relief_zhongguancun",
    _TERMS,
    "S",
    "Caishui 2020-63, Beijing, policy topics on two zones II: from 2020 (another translation misprints the five years as "
    "three); https://english.beijing.gov.cn/investinginbeijing/two_zones/Policy_Topics_on_Two_Zones/"
    "Policy_Topics_on_Two_Zones_II/index.html",
    first_day=date(2020, 1, 1),
)
HOLDING_RELIEF_PUDONG = Rule(
    "holding_relief_pudong",
    _TERMS,
    "S",
    "Diacron, Shanghai pilots preferential CIT policy on corporate VCE in Pudong New Area: from 2021; https://"
    "www.diacrongroup.com/en/tax-news/shanghai-pilots-preferential-cit-policy-on-corporate-vce-in-pudong-new-area/",
    first_day=date(2021, 1, 1),
)


def holding_relief_share(
    transfer_gains: npt.ArrayLike,
    holding_years: npt.ArrayLike,
    individual_share: npt.ArrayLike,
    terms: HoldingRelief = HOLDING_RELIEF_ZHONGGUANCUN.value,
) -> FloatArray:
    """Part of a year's income tax that a corporate venture fund need not pay.

    Parameters
    ----------
    transfer_gains : array_like of shape (…, holding, year)
        Gain from selling each holding, million CNY, nominal; a loss is negative and counts as such (assumed).
    holding_years : array_like, broadcast to (…, holding, year)
        How long it had been held.
    individual_share : array_like, broadcast to (…, year)
        Held by individuals at the end of the year, of the fund's equity.
    terms : HoldingRelief
        `HOLDING_RELIEF_ZHONGGUANCUN` or `HOLDING_RELIEF_PUDONG`, with their dates.

    Returns
    -------
    ndarray of shape (…, year)
        individual share · 1 where gains on holdings of more than five years exceed half of the year's gains, · ½ where
        those on holdings of more than three years do, · 0 elsewhere and where there is no gain. The relief is that share
        of all income tax of the year.

    Raises
    ------
    ValueError
        If amounts are missing, shares not from 0 to 1, or the shapes do not fit.

    References
    ----------
    `HOLDING_RELIEF_ZHONGGUANCUN`, `HOLDING_RELIEF_PUDONG` (S).
    """
    sold = over_time("transfer_gains", transfer_gains)
    if sold.ndim < 2:
        raise ValueError(message("fund.no_deal_axis", name="transfer_gains", shape=sold.shape))
    sold, years = gains(transfer_gains=sold, holding_years=amounts(holding_years=holding_years)[0])
    (individuals,) = shares(individual_share=individual_share)
    total = sold.sum(axis=-2)

    def exceeds(longer_than: float) -> npt.NDArray[np.bool_]:
        long = np.where(years > longer_than, sold, 0.0).sum(axis=-2)
        return np.asarray((total > 0.0) & (long > terms.gain_share * total))

    part = np.where(exceeds(terms.full_years), 1.0, np.where(exceeds(terms.half_years), 0.5, 0.0))
    (part, individuals) = gains(transfer_gains=part, individual_share=individuals)
    return np.asarray(part * individuals)


def holding_relief(
    company_tax: npt.ArrayLike,
    transfer_gains: npt.ArrayLike,
    holding_years: npt.ArrayLike,
    individual_share: npt.ArrayLike,
    terms: HoldingRelief = HOLDING_RELIEF_ZHONGGUANCUN.value,
) -> FloatArray:
    """Income tax that a corporate venture fund need not pay.

    Parameters
    ----------
    company_tax : array_like of shape (…, year)
        Of the fund's year before the relief, million CNY, positive.
    transfer_gains, holding_years, individual_share, terms
        As in `holding_relief_share`.

    Returns
    -------
    ndarray of shape (…, year)
        company tax · relief share, at most the tax.

    References
    ----------
    `HOLDING_RELIEF_ZHONGGUANCUN`, `HOLDING_RELIEF_PUDONG` (S).
    """
    share = holding_relief_share(transfer_gains, holding_years, individual_share, terms)
    due, share = amounts(company_tax=company_tax, relief_share=share)
    return np.asarray(due * share)
