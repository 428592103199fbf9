"""The planner: who deserves funding, judged at the social rate with technology as the only bound (the twin's rule)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from finance.market.anderson import fixed_point
from finance.market.arrival import Arrival, WindowLaw, arrival_at, arrival_value, backward, exit_value, next_pool
from finance.market.grids import QUALITY, SIGNAL, entrant_quality, share_at_least
from finance.market.laws import StageLaw, exit_law, mean_accepted_premium, quarterly_factor, stage_laws
from finance.market.staging import Circumstances, StageValues, company_values, success_odds
from finance.market.tables import CompanyTables, empty_company_tables, store_stage
from finance.market.terms import Floats, Names, Terms

_UNBOUNDED_ATTEMPTS, _UNBOUNDED_PATIENCE = 1_000, 10_000
#: Pools are solved to rounding.
_POOL_TOLERANCE, _MOST_PASSES = 1.0e-14, 200


class PlannerSector(NamedTuple):
    """The planner's solution for one sector."""

    values: dict[int, StageValues]
    arrivals: dict[int, Arrival]
    success: dict[int, Floats]  # value on passing each stage's milestone, by quality
    arriving: dict[int, Floats]  # value on arrival at pilot stages, before any offer, by quality


class Planned(NamedTuple):
    """The planner's values, and the pools they rest on."""

    tables: CompanyTables  # what the kernel needs
    by_quality: Floats  # (sector, stage, quality, signal): for the step of the causes that takes financing risk off
    pools: dict[int, Floats]  # by sector, (stage of the sector and then of its ventures on platforms, quality)


def planner_tables(
    terms: Terms,
    names: Names,
    window: WindowLaw,
    place: Floats | None = None,
    pools: Mapping[int, Floats] | None = None,
) -> Planned:
    """The planner's values: every worthwhile round funded at once, technology the only bound.

    Discounts at the social rate, takes exit prices as the market pays them, subtracts all cash, public money for places
    on pilot platforms too. Each round is judged on the stage's signal with the prior of those who reach it in the
    planner's own world, the fixed point found here.

    Parameters
    ----------
    terms : Terms
    names : Names
    window : WindowLaw
    place : ndarray of shape (sector,), optional
        Share of those who reach the pilot stage in the planner's world that find a place on a platform; none if left out.
    pools : mapping of int to array, optional
        The pools of an earlier answer to the same question, which spare the search; values are the same to the bit.

    Returns
    -------
    Planned
        Value of a funded venture by true quality (`by_quality`) among it.
    """
    tables = empty_company_tables(names)
    by_quality = np.zeros((len(names.sectors), len(names.stages), len(QUALITY), len(SIGNAL)))
    found: dict[int, Floats] = {}
    for k in map(int, np.unique(terms.base)):
        solutions, found[k] = _solved_together(terms, k, window, place, None if pools is None else pools[k])
        for sector, solution in solutions.items():
            for i, values in solution.values.items():
                store_stage(tables, sector, i, values, solution.arrivals[i].going_concern)
                by_quality[sector, i] = values.by_quality[0]
    return Planned(tables, by_quality, found)


def _solved_together(
    terms: Terms, sector: int, window: WindowLaw, place: Floats | None, known: Floats | None
) -> tuple[dict[int, PlannerSector], Floats]:
    """The planner's solution of a sector, and of its ventures on platforms if there are any; and its pools."""
    marked = [k for k in range(len(terms.base)) if terms.base[k] == sector and k != sector]
    members, odds = [*marked, sector], 0.0 if place is None else float(place[sector])
    laws = {k: _laws(terms, k) for k in members}
    entrants = entrant_quality(terms.lemon_share, terms.lemon_quality_mean, terms.lemon_quality_sd)
    places = [(k, i) for k in members for i in laws[k]]

    def solved(stacked: Floats) -> tuple[dict[int, PlannerSector], dict[int, dict[int, Floats]]]:
        pools: dict[int, dict[int, Floats]] = {k: {} for k in members}
        for (k, i), pool in zip(places, stacked, strict=True):
            pools[k][i] = pool
        solutions: dict[int, PlannerSector] = {}
        served: dict[int, Floats] = {}
        for k in members:
            solutions[k] = _planner_pass(terms, k, laws[k], pools[k], window, odds, served)
            served = solutions[k].arriving
        return solutions, pools

    def image(stacked: Floats) -> Floats:
        solutions, pools = solved(stacked)
        fresh = {
            k: _planner_pools(terms, k, laws[k], pools[k], solutions[k], pools[sector] if k != sector else None)
            for k in members
        }
        return np.stack([fresh[k][i] for k, i in places])

    if known is None:
        start = np.broadcast_to(entrants, (len(places), len(QUALITY)))
        known = fixed_point(image, start, _POOL_TOLERANCE, _MOST_PASSES, len(places))
    return solved(known)[0], known


def _laws(terms: Terms, sector: int) -> dict[int, StageLaw]:
    """A sector's stage laws, with the public cost of places in the needs."""
    laws = stage_laws(terms, sector)
    return {i: law._replace(need=law.need + float(terms.public_cost[sector, i])) for i, law in laws.items()}


def _planner_pass(
    terms: Terms,
    sector: int,
    laws: dict[int, StageLaw],
    pools: dict[int, Floats],
    window: WindowLaw,
    place: float,
    served: dict[int, Floats],
) -> PlannerSector:
    """Backward through the stages of a sector, funding certain; `served` is what arriving with a place is worth."""
    factor = quarterly_factor(terms.social_rate)
    circumstances = Circumstances(factor, _UNBOUNDED_ATTEMPTS, _UNBOUNDED_PATIENCE, 1.0, 1.0)
    success = exit_value(terms, exit_law(terms, sector), window, factor)
    premium = mean_accepted_premium(terms)
    values: dict[int, StageValues] = {}
    arrivals: dict[int, Arrival] = {}
    by_stage: dict[int, Floats] = {}
    arriving: dict[int, Floats] = {}
    for i, before in backward(laws):
        law = laws[i]
        by_stage[i] = success
        values[i] = company_values(law, pools[i], success, circumstances)
        worth = values[i].fresh[0]
        funded = share_at_least(worth - law.need)
        arrivals[i] = arrival_at(terms, law, funded, np.zeros(len(SIGNAL)), worth, 1.0, 1.0, 1.0)
        offer = laws[before].offer_probability if before is not None else 0.0
        success = arrival_value(law, offer, premium, arrivals[i], 1.0, values[i].by_quality[0], 1.0)
        if terms.pilot[sector, i]:
            plain = arrival_value(law, 0.0, premium, arrivals[i], 1.0, values[i].by_quality[0], 1.0)
            arriving[i] = plain
            if i in served:
                success = success + (1.0 - offer) * place * (served[i] - plain)
    return PlannerSector(values, arrivals, by_stage, arriving)


def _planner_pools(
    terms: Terms,
    sector: int,
    laws: dict[int, StageLaw],
    pools: dict[int, Floats],
    solution: PlannerSector,
    came_from: dict[int, Floats] | None,
) -> dict[int, Floats]:
    """Who reaches each stage in the planner's world; on a platform, who has reached the pilot stage before it."""
    circumstances = Circumstances(1.0, _UNBOUNDED_ATTEMPTS, _UNBOUNDED_PATIENCE, 1.0, 1.0)
    chain = list(laws)
    fresh = {chain[0]: pools[chain[0]]}
    for place, i in enumerate(chain[:-1]):
        if came_from is not None and terms.pilot[sector, i]:
            fresh[i] = came_from[i]
        offer = laws[chain[place - 1]].offer_probability if place else 0.0
        passes = success_odds(laws[i], solution.values[i], circumstances)
        fresh[chain[place + 1]] = next_pool(laws[i], fresh[i], offer, solution.arrivals[i], passes)
    if came_from is not None and terms.pilot[sector, chain[-1]]:
        fresh[chain[-1]] = came_from[chain[-1]]
    return fresh
