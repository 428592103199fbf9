"""The planner: who deserves funding, judged at the social rate with technology as the only bound (the twin's rule)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from finance.market.arrival import Arrival, WindowLaw, arrival_at, arrival_value, backward, exit_value, next_pool
from finance.market.grids import QUALITY, SIGNAL, entrant_quality, share_at_least
from finance.market.laws import StageLaw, mean_accepted_premium, quarterly_factor, stage_laws
from finance.market.staging import Circumstances, StageValues, company_values, success_odds
from finance.market.tables import CompanyTables, empty_company_tables, store_stage
from finance.market.terms import Floats, Names, Terms

_UNBOUNDED_ATTEMPTS, _UNBOUNDED_PATIENCE = 1_000, 10_000


class PlannerSector(NamedTuple):
    """The planner's solution for one sector."""

    values: dict[int, StageValues]
    arrivals: dict[int, Arrival]
    success: dict[int, Floats]  # value on passing each stage's milestone, by quality


def planner_tables(terms: Terms, names: Names, window: WindowLaw) -> tuple[CompanyTables, Floats]:
    """The planner's values: every worthwhile round funded at once, technology the only bound.

    Discounts at the social rate, takes exit prices as the market pays them, subtracts all cash. Each round is judged on
    the stage's signal with the prior of those who reach it in the planner's own world, the fixed point found here.

    Returns
    -------
    tables : CompanyTables
        What the kernel needs.
    by_quality : ndarray of shape (sector, stage, quality, signal)
        Value of a funded venture by true quality, for the step of the causes that takes financing risk off.
    """
    tables = empty_company_tables(names)
    by_quality = np.zeros((len(names.sectors), len(names.stages), len(QUALITY), len(SIGNAL)))
    for k in range(len(names.sectors)):
        laws = stage_laws(terms, k)
        entrants = entrant_quality(terms.lemon_share, terms.lemon_quality_mean, terms.lemon_quality_sd)
        pools = dict.fromkeys(laws, entrants)
        for _ in range(200):
            solution = _planner_pass(terms, k, laws, pools, window)
            fresh = _planner_pools(terms, laws, pools, solution)
            change = max(float(np.abs(fresh[i] - pools[i]).max()) for i in laws)
            pools = {i: 0.5 * pools[i] + 0.5 * fresh[i] for i in laws}
            if change < 1e-15:
                break
        for i, values in solution.values.items():
            store_stage(tables, k, i, values, solution.arrivals[i].going_concern)
            by_quality[k, i] = values.by_quality[0]
    return tables, by_quality


def _planner_pass(
    terms: Terms, sector: int, laws: dict[int, StageLaw], pools: dict[int, Floats], window: WindowLaw
) -> PlannerSector:
    """Backward through the stages of a sector, funding certain."""
    factor = quarterly_factor(terms.social_rate)
    circumstances = Circumstances(factor, _UNBOUNDED_ATTEMPTS, _UNBOUNDED_PATIENCE, 1.0)
    success = exit_value(terms, sector, window, factor)
    premium = mean_accepted_premium(terms)
    values: dict[int, StageValues] = {}
    arrivals: dict[int, Arrival] = {}
    by_stage: dict[int, Floats] = {}
    for i, before in backward(laws):
        law = laws[i]
        by_stage[i] = success
        values[i] = company_values(law, pools[i], success, circumstances)
        worth = values[i].fresh[0]
        funded = share_at_least(worth - law.need)
        arrivals[i] = arrival_at(terms, law, funded, np.zeros(len(SIGNAL)), worth, 1.0, 1.0, 1.0)
        offer = laws[before].offer_probability if before is not None else 0.0
        success = arrival_value(law, offer, premium, arrivals[i], 1.0, values[i].by_quality[0], 1.0)
    return PlannerSector(values, arrivals, by_stage)


def _planner_pools(
    terms: Terms, laws: dict[int, StageLaw], pools: dict[int, Floats], solution: PlannerSector
) -> dict[int, Floats]:
    """Who reaches each stage in the planner's world."""
    circumstances = Circumstances(1.0, _UNBOUNDED_ATTEMPTS, _UNBOUNDED_PATIENCE, 1.0)
    chain = list(laws)
    fresh = {chain[0]: pools[chain[0]]}
    for place, i in enumerate(chain[:-1]):
        offer = laws[chain[place - 1]].offer_probability if place else 0.0
        passes = success_odds(laws[i], solution.values[i], circumstances)
        fresh[chain[place + 1]] = next_pool(laws[i], fresh[i], offer, solution.arrivals[i], passes)
    return fresh
