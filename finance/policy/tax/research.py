"""The super-deduction of research: what it saves, what it makes research cost, and how research responds."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, joint_shape, numbers
from finance.language import message
from finance.policy.tax.dated import Rule
from finance.policy.tax.losses import LOSS_LIFE, company_tax
from finance.policy.tax.reading import amounts, gains, shares, yearly_gains


class Elasticity(NamedTuple):
    """Range of the user-cost elasticity of research, a triangle."""

    weakest: float
    central: float
    strongest: float


SUPER_DEDUCTION = Rule(
    "super_deduction",
    1.00,
    "S",
    "Announcement 2023-7, in Diacron, China extends super deduction for research and development activities: a further "
    "100 %, no expiry; https://www.diacrongroup.com/en/tax-news/"
    "china-extends-super-deduction-for-research-and-development-activities/",
    first_day=date(2023, 1, 1),
)
SUPER_DEDUCTION_CHIPS = Rule(
    "super_deduction_chips_and_machine_tools",
    1.20,
    "S",
    "Global Aid Atlas CHN-03690: a further 120 % for integrated circuits and machine tools, 2023-2027; "
    "https://datapluslaw.com/global-aid-atlas/chn-03690-program",
    first_day=date(2023, 1, 1),
    last_day=date(2027, 12, 31),
    otherwise=SUPER_DEDUCTION,
)
SUPER_DEDUCTION_SCENARIOS = Rule(
    "super_deduction_scenarios",
    (1.50, 2.00),
    "A",
    "Seed 1 asks to expand the ratio and gives no number; policy facts, section 0, offers these",
)
RELABELLED_SHARE = Rule(
    "relabelled_share",
    0.242,
    "S",
    "Chen, Liu, Suárez Serrato and Xu, published in the American Economic Review: 24.2 % of reported research of firms "
    "under China's InnoCom programme is relabelled; working paper at "
    "https://dukespace.lib.duke.edu/items/63bbbcde-17ed-4583-8e69-3bf3e785b8d4",
)
REAL_SHARE = Rule(
    "real_share",
    0.76,
    "A",
    "Policy facts, section E: 1 - relabelled share, rounded, for all of China",
)
ELASTICITY = Rule(
    "user_cost_elasticity",
    Elasticity(weakest=-0.15, central=-1.0, strongest=-2.6),
    "A",
    "Policy facts, section E: weakest from a meta-analysis corrected for bias (S; Gaillard-Ladinska, Non and Straathof), "
    "strongest British small firms short of finance (S; CEP discussion paper 1413, 2016), the middle assumed",
)
ELASTICITY_INNOCOM = Rule(
    "user_cost_elasticity_innocom",
    -1.14,
    "S",
    "Working paper of the same study as the relabelled share: -2.0 as reported, -1.14 real, so nothing is taken off it "
    "for relabelling; https://dukespace.lib.duke.edu/items/63bbbcde-17ed-4583-8e69-3bf3e785b8d4",
)


def super_deduction_share(on: date, is_chips_or_machine_tools: bool = False) -> float:
    """Deduction of research beyond its cost, as a share of it.

    Parameters
    ----------
    on : date
        Day of the spending.
    is_chips_or_machine_tools : bool
        Whether the company makes integrated circuits or machine tools (工业母机).

    Returns
    -------
    float
        1 for all, 1.2 for these until the end of 2027, then 1 for them too.

    Raises
    ------
    ValueError
        For a day before 2023: earlier rules are not known here.

    References
    ----------
    `SUPER_DEDUCTION`, `SUPER_DEDUCTION_CHIPS` (S).
    """
    return (SUPER_DEDUCTION_CHIPS if is_chips_or_machine_tools else SUPER_DEDUCTION).at(on)


def super_deduction_value(research: npt.ArrayLike, share: npt.ArrayLike, tax_rate: npt.ArrayLike) -> FloatArray:
    """Tax saved at once by a company that has the income to deduct it from.

    Parameters
    ----------
    research : array_like
        Eligible spending, million CNY.
    share : array_like
        Deducted beyond cost, as a share of it: 1 is a further 100 %.
    tax_rate : array_like
        Decimal.

    Returns
    -------
    ndarray
        research · share · rate. For a company without income it is no cash; see `super_deduction_saving`.

    References
    ----------
    Policy facts, section B, derived anchors (D).
    """
    spent, deducted = amounts(research=research, share=share)
    (rate,) = shares(tax_rate=tax_rate)
    return np.asarray(spent * deducted * rate)


def super_deduction_saving(
    profit: npt.ArrayLike,
    research: npt.ArrayLike,
    share: float,
    tax_rate: npt.ArrayLike,
    life_years: npt.ArrayLike | None = LOSS_LIFE.value,
    refund_rate: float = 0.0,
) -> FloatArray:
    """What the super-deduction saves a company in each year, losses carried forward and expiring.

    Parameters
    ----------
    profit : array_like of shape (…, year)
        With research deducted once, as cost; negative is a loss. Million CNY, nominal.
    research : array_like of shape (…, year)
        Eligible spending.
    share : float
        As in `super_deduction_value`.
    tax_rate, life_years, refund_rate
        As in `company_tax`. With a refund all of the loss that the super-deduction makes or enlarges is given up for
        it in the year.

    Returns
    -------
    ndarray of shape (…, year)
        Tax without it less tax with it. A year may be negative where losses of the business expire that its loss
        would have saved later; to date it never is.

    Notes
    -----
    Discount it for a present value: what a start-up saves comes years after it was spent for, if at all.
    """
    before, spent = yearly_gains(profit=profit, research=research)
    extra = amounts(research=spent)[0] * amounts(share=share)[0]
    after = before - extra
    enlarged = np.maximum(-after, 0.0) - np.maximum(-before, 0.0)
    without = company_tax(before, tax_rate, life_years)
    surrendered = enlarged if refund_rate > 0.0 else 0.0
    return without.tax - company_tax(after, tax_rate, life_years, surrendered, refund_rate).tax


def b_index(tax_rate: npt.ArrayLike, share: npt.ArrayLike) -> FloatArray:
    """Income before tax that one of research has to earn to pay for itself.

    Parameters
    ----------
    tax_rate : array_like
        Decimal, below 1.
    share : array_like
        Super-deduction beyond cost.

    Returns
    -------
    ndarray
        1 where research is deducted as any cost, less where it is favoured.

    Raises
    ------
    ValueError
        If a rate is not from 0 to below 1, or a share is negative.

    Notes
    -----
    B = (1 - t (1 + k)) / (1 - t).

    References
    ----------
    Warda, J. (2001), "Measuring the value of R&D tax treatment in OECD countries", STI Review 27 (recalled); policy
    facts, section B, derived anchors (D).
    """
    (rate,), (deducted,) = shares(tax_rate=tax_rate), amounts(share=share)
    if np.any(rate >= 1.0):
        raise ValueError(message("policy.all_is_taxed"))
    joint_shape(tax_rate=rate.shape, share=deducted.shape)
    return np.asarray((1.0 - rate * (1.0 + deducted)) / (1.0 - rate))


def user_cost_change(tax_rate: npt.ArrayLike, share_before: npt.ArrayLike, share_after: npt.ArrayLike) -> FloatArray:
    """Relative change of what research costs its user when the super-deduction changes.

    Parameters
    ----------
    tax_rate : array_like
        Decimal, below 1.
    share_before, share_after : array_like
        Super-deduction beyond cost.

    Returns
    -------
    ndarray
        B(after) / B(before) - 1; negative where research becomes cheaper.

    Raises
    ------
    ValueError
        As in `b_index`; or where research cost nothing before.

    References
    ----------
    Policy facts, section B, derived anchors (D).
    """
    before = b_index(tax_rate, share_before)
    if np.any(before <= 0.0):
        raise ValueError(message("policy.research_is_free", value=f"{np.min(before):g}"))
    return np.asarray(b_index(tax_rate, share_after) / before - 1.0)


def research_response(
    user_cost_change: npt.ArrayLike,
    elasticity: npt.ArrayLike = ELASTICITY.value.central,
    real_share: float = REAL_SHARE.value,
    has_taxable_income: npt.ArrayLike = True,
) -> FloatArray:
    """Real research added when its user cost changes, as a share of what there was.

    Parameters
    ----------
    user_cost_change : array_like
        Relative, above -1: -.25 is a quarter cheaper.
    elasticity : array_like
        Constant, not positive; `ELASTICITY` has the range.
    real_share : float
        Of the reported response; the rest is other cost relabelled. 1 for an elasticity of real research.
    has_taxable_income : array_like of bool
        A company without it saves no tax and does not respond.

    Returns
    -------
    ndarray
        real share · ((1 + change)^elasticity - 1); 0 without taxable income.

    Raises
    ------
    ValueError
        If research becomes free, an elasticity is positive, or the shares are none.

    References
    ----------
    `ELASTICITY` (A from S), `RELABELLED_SHARE` (S), `REAL_SHARE` (A), `ELASTICITY_INNOCOM` (S).
    """
    change, power = gains(user_cost_change=user_cost_change, elasticity=elasticity)
    (real,) = shares(real_share=real_share)
    if np.any(change <= -1.0):
        raise ValueError(message("policy.research_becomes_free", value=f"{np.min(change):g}"))
    if np.any(power > 0.0):
        raise ValueError(message("policy.positive_elasticity", value=f"{np.max(power):g}"))
    responds = numbers("has_taxable_income", has_taxable_income) > 0.0
    reported = (1.0 + change) ** power - 1.0
    return np.where(responds, real * reported, 0.0)
