"""What measures of support change at each stage, as arrays on the axes of `terms`.

A measure changes the work itself (odds, time, cost), what investors see of it, or who pays. Where the public pays a share
of a stage's cash, ventures need to raise less; the planner still counts all of it, and all of it is spent.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from finance.fund.amounts import FloatArray
from finance.policy.tax import research_response

if TYPE_CHECKING:
    from finance.scenario import Scenario

#: Of `StageSupport.costs`: public money for each unit that investors pay, and for each round that closes.
PER_UNIT, PER_ROUND = range(2)
#: Most that measures pay together of the cash of a stage.
MOST_PAID = 0.9


class StageSupport(NamedTuple):
    """What all measures together do at one stage."""

    log_odds: float  # added
    time: float  # factor
    cost: float  # factor on what the work truly costs
    noise: float  # factor on the standard deviation of the signal's noise
    gross: float  # cash that comes in, for each unit that investors pay
    round_cost: float  # public money for a round that closes, beside its cash
    costs: FloatArray  # (measure, 2) PER_UNIT, PER_ROUND


def pays_for_research(scenario: Scenario) -> bool:
    """Whether the tax office pays back part of what research costs."""
    return scenario.tax.refunded_share * scenario.tax.refund_rate > 0.0


def n_measures(scenario: Scenario) -> int:
    """Measures of support, with what is paid back for research behind them, if there is any."""
    return len(scenario.support) + pays_for_research(scenario)


def refund_at(scenario: Scenario, research_share: float) -> float:
    """Share of a stage's cash that the tax office pays back, of the part of it that goes into research.

    Notes
    -----
    refunded share × rate × (1 + super-deduction) × research share: as in the United Kingdom, where a loss-making small
    firm may give up the enlarged loss for 14.5 % of it.
    """
    tax = scenario.tax
    return tax.refunded_share * tax.refund_rate * (1.0 + tax.super_deduction_share) * research_share


def research_multiple(scenario: Scenario) -> float:
    """Real research over what there would be if nothing of it were paid back.

    Notes
    -----
    1 + (1 − relabelled share) · ((1 − c)^(−elasticity) − 1), with c what is paid back of a unit: the response of
    `policy.tax.research_response`, here to cash alone. A deduction that is worth something years after an exit moves
    nothing.
    """
    tax = scenario.tax
    if tax.research_elasticity == 0.0 or not pays_for_research(scenario):
        return 1.0
    cheaper = min(MOST_PAID, refund_at(scenario, 1.0))
    response = research_response(-cheaper, -tax.research_elasticity, 1.0 - tax.relabelled_share)
    return 1.0 + float(response)


def support_at(scenario: Scenario, stage: str, refund: float = 0.0) -> StageSupport:
    """Put together what the measures of a scenario do at a stage, and tax paid back for research there.

    Odds ratios and factors multiply; shares that the public pays add up, to nine tenths at most.

    Parameters
    ----------
    scenario : Scenario
    stage : str
    refund : float
        Share of the stage's cash that the tax office pays back; it stands behind the measures in `costs`.

    Notes
    -----
    With G = Σ gₘ the share paid by the public, 1 ÷ (1 − G) comes in for each unit that investors pay, of which measure m
    pays gₘ ÷ (1 − G), and the public spends `paid_multiple` times that.
    """
    measures = [each for each in scenario.support.in_order() if stage in each.stages]
    paid = sum(each.paid_share for each in measures) + refund
    scale = min(1.0, MOST_PAID / paid) if paid > 0.0 else 1.0
    gross = 1.0 / (1.0 - scale * paid)
    costs = np.zeros((n_measures(scenario), 2))
    for m, each in enumerate(scenario.support.in_order()):
        if stage in each.stages:
            costs[m] = each.paid_multiple * scale * each.paid_share * gross, each.round_cost
    if refund > 0.0:
        costs[-1, PER_UNIT] = scale * refund * gross
    return StageSupport(
        log_odds=sum(math.log(each.odds_ratio) for each in measures),
        time=math.prod(1.0 - each.time_reduction_share for each in measures),
        cost=math.prod(1.0 - each.cost_reduction_share for each in measures),
        noise=math.prod(1.0 - each.noise_reduction_share for each in measures),
        gross=gross,
        round_cost=sum(each.round_cost for each in measures),
        costs=costs,
    )
