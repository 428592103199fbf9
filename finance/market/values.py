"""The market's values: continuing values of companies and the bids of every class, by backward induction.

One pass (`market_pass`) goes from the last stage of each sector to the first, given beliefs on the market, and then from
the first to the last to work out who reaches each stage. `equilibrium` repeats it until beliefs stand.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.market import bids
from finance.market.arrival import (
    Arrival,
    WindowLaw,
    arrival_at,
    arrival_value,
    backward,
    exit_value,
    exit_value_by_life,
    market_exit_law,
    next_pool,
)
from finance.market.beliefs import Beliefs, on_signal_grid
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.grids import SIGNAL, entrant_quality, share_at_least
from finance.market.laws import ExitLaw, StageLaw, mean_accepted_premium, quarterly_factor, stage_laws
from finance.market.payoffs import StageSummary
from finance.market.sight import eased, is_duty, share_that_bids, sights_at
from finance.market.staging import Circumstances, StageValues, company_values, expected, success_odds
from finance.market.tables import MarketTables, store_stage
from finance.market.terms import Floats, Names, Terms


class _Solved(NamedTuple):
    """What is known of a stage after the backward step."""

    law: StageLaw
    values: StageValues
    passes: Floats  # (quality, signal) odds of the milestone
    circumstances: Circumstances
    summary: StageSummary
    arrival: Arrival
    offer: float  # odds of an offer taken on arrival


class _Arriving(NamedTuple):
    """Values on arrival at a pilot stage, before any offer: of the company, and of a stake to each investor."""

    company: Floats  # (quality,)
    onward: list[Floats]  # (quality,) or (quality, life)


class _Sector(NamedTuple):
    """The fixed circumstances of one sector's backward step."""

    terms: Terms
    sector: int
    laws: dict[int, StageLaw]
    window: WindowLaw
    exit_law: ExitLaw
    beliefs: Beliefs
    investors: list[bids.Investor]
    charge: Floats
    capacity: Floats  # (class,) committed, or as stated


def market_pass(
    terms: Terms,
    names: Names,
    window: WindowLaw,
    beliefs: Beliefs,
    certain: Floats | None = None,
    capacity: Floats | None = None,
) -> tuple[MarketTables, Beliefs]:
    """One pass of the market's induction.

    Parameters
    ----------
    terms : Terms
    names : Names
    window : WindowLaw
    beliefs : Beliefs
        Closing odds, price ratios, waits, stakes, bridge odds, audits and pools to reckon with.
    certain : ndarray of shape (sector, stage, quality, signal), optional
        The planner's values by true quality. If given, the tables that tell the causes of a gap are filled too.
    capacity : ndarray of shape (class,), optional
        What each class commits; what it states, if left out. Counts as far as there is any.

    Returns
    -------
    tables : MarketTables
        Bids and continuing values for the kernel.
    beliefs : Beliefs
        The same beliefs with the pools that these tables imply.
    """
    investors = bids.investors_of(terms, eased(terms, beliefs.idle))
    if certain is not None:
        investors = investors + bids.shadows_of(terms, investors)
    tables = bids.empty_market_tables(terms, names)
    charge = bids.accountability_charge(terms, beliefs.above_limit)
    pools, money = beliefs.pool.copy(), terms.capacity if capacity is None else capacity
    sectors = [
        _Sector(terms, k, stage_laws(terms, k), window, market_exit_law(terms, k), beliefs, investors, charge, money)
        for k in range(len(names.sectors))
    ]
    solved: dict[int, dict[int, _Solved]] = {}
    arriving: dict[int, dict[int, _Arriving]] = {}
    for k in reversed(range(len(sectors))):  # those on a platform before those who may come there
        served = arriving.get(int(terms.platform[k]), {})
        solved[k], arriving[k] = _backward_through(sectors[k], tables, certain, served)
    for k, sector in enumerate(sectors):
        came_from = pools[terms.base[k]] if terms.base[k] != k else None
        _forward_through(sector, solved[k], pools[k], came_from)
    return tables, beliefs._replace(pool=pools)


def _backward_through(
    sector: _Sector, tables: MarketTables, certain: Floats | None, served: dict[int, _Arriving]
) -> tuple[dict[int, _Solved], dict[int, _Arriving]]:
    """From the last stage to the first, filling the sector's part of the tables.

    Where some find a place on a platform, `served` says by pilot stage what arriving there is worth with one.
    """
    terms, k, laws = sector.terms, sector.sector, sector.laws
    premium = mean_accepted_premium(terms)
    company = exit_value(terms, sector.exit_law, sector.window, quarterly_factor(terms.continuing_rate))
    onward = [_exit_for(sector, investor) for investor in sector.investors]
    solved: dict[int, _Solved] = {}
    arriving: dict[int, _Arriving] = {}
    for i, before in backward(laws):
        offer = laws[before].offer_probability if before is not None else 0.0
        stage, stakes = _stage(sector, i, offer, company, onward, [s.summary for s in solved.values()][::-1], tables)
        if certain is not None:
            _fill_causes(sector, i, stage, stakes, list(solved.values())[::-1], tables, certain[k, i])
        store_stage(tables.company, k, i, stage.values, stage.arrival.going_concern)
        company, onward = _on_arrival(sector, i, stage, premium, stakes)
        if terms.pilot[k, i]:
            arriving[i] = _Arriving(*_on_arrival(sector, i, stage._replace(offer=0.0), premium, stakes))
            if i in served:
                company, onward = _with_places(sector, offer, _Arriving(company, onward), arriving[i], served[i])
        solved[i] = stage
    return solved, arriving


def _on_arrival(
    sector: _Sector, i: int, stage: _Solved, premium: float, stakes: list[Floats]
) -> tuple[Floats, list[Floats]]:
    """Values on arrival at a stage, of the company and of a stake to each investor."""
    terms = sector.terms
    lapse = quarterly_factor(terms.continuing_rate) ** (terms.search_quarters - 1)
    company = arrival_value(
        stage.law, stage.offer, premium, stage.arrival, terms.pro_rata_share, stage.values.by_quality[0], lapse
    )
    onward = [
        _arrival_for(sector, i, stage, premium, stake, company, investor)
        for investor, stake in zip(sector.investors, stakes, strict=True)
    ]
    return company, onward


def _with_places(
    sector: _Sector, offer: float, offered: _Arriving, plain: _Arriving, served: _Arriving
) -> tuple[Floats, list[Floats]]:
    """Values on arrival where some find a place on a pilot platform, and the others go on without after their wait."""
    terms, beliefs, k = sector.terms, sector.beliefs, sector.sector
    place, queue = float(beliefs.place[k]), float(beliefs.queue[k])

    def mixed(factor: float, all_in: Floats, without: Floats, on: Floats) -> Floats:
        waited = place * factor**queue * on + (1.0 - place) * factor**terms.queue_quarters * without
        values: Floats = all_in + (1.0 - offer) * (waited - without)
        return values

    company = mixed(quarterly_factor(terms.continuing_rate), offered.company, plain.company, served.company)
    onward = [
        mixed(investor.factor, all_in, without, on)
        for investor, all_in, without, on in zip(
            sector.investors, offered.onward, plain.onward, served.onward, strict=True
        )
    ]
    return company, onward


def _exit_for(sector: _Sector, investor: bids.Investor) -> Floats:
    """Value of passing the last milestone to one investor: (quality,) without horizon, else (quality, life)."""
    if investor.nodes == 0:
        return exit_value(sector.terms, sector.exit_law, sector.window, investor.factor)
    sale_share = 1.0 - sector.terms.secondary_discount
    return exit_value_by_life(sector.terms, sector.exit_law, sector.window, investor.factor, investor.nodes, sale_share)


def _stage(
    sector: _Sector,
    i: int,
    offer: float,
    company: Floats,
    onward: list[Floats],
    later: list[StageSummary],
    tables: MarketTables,
) -> tuple[_Solved, list[Floats]]:
    """Company values, every investor's plain value of a stake, and bids at one stage."""
    terms, k, beliefs, law = sector.terms, sector.sector, sector.beliefs, sector.laws[i]
    own = quarterly_factor(terms.continuing_rate)
    sale_share = 1.0 - terms.secondary_discount
    circumstances = Circumstances(
        own, terms.attempts, terms.patience_quarters, float(beliefs.bridge[k, i]), terms.pro_rata_share
    )
    values = company_values(law, beliefs.pool[k, i], company, circumstances)
    stakes = [
        bids.stake_values(law, values, gain, investor, circumstances, sale_share)
        for investor, gain in zip(sector.investors, onward, strict=True)
    ]
    passes = success_odds(law, values, circumstances)
    stake = float(beliefs.stake[k, i])
    wait_law = beliefs.wait[k, i]
    quarters = float(terms.mean_quarters[k, i] + wait_law @ np.arange(len(wait_law)))
    summary = bids.own_summary(law, values, passes, stake, terms.pro_rata_share, quarters)
    before = bids.earlier_rounds(sector.laws, i, beliefs.stake[k], terms.pro_rata_share)
    best = _fill_bids(sector, i, len(before), values, stakes, [*before, summary, *later], tables)
    best, wanted = _wanted(sector, i, best, tables)
    tables.best_bid[k, i] = best
    closing = wanted * on_signal_grid(beliefs.closing[k, i])
    ratio = on_signal_grid(beliefs.price_ratio[k, i])
    dilution = np.clip(ratio * law.need / np.maximum(best, 1e-9), 0.0, terms.largest_dilution)
    wait = float(wait_law @ own ** np.arange(len(wait_law)))
    lapse = own ** (terms.search_quarters - 1)
    arrival = arrival_at(terms, law, closing, dilution, values.fresh[0], terms.pro_rata_share, wait, lapse)
    summary = bids.on_arrival(summary, law, offer, arrival, passes)
    return _Solved(law, values, passes, circumstances, summary, arrival, offer), stakes


def _fill_bids(
    sector: _Sector,
    i: int,
    place: int,
    values: StageValues,
    stakes: list[Floats],
    chain: list[StageSummary],
    tables: MarketTables,
) -> Floats:
    """Bids of the classes whose mandate the stage is in; returns the best of their fresh vehicles (signal,).

    Classes that see something else than the common signal are left out of the best.
    """
    terms, k = sector.terms, sector.sector
    shared = bids.class_bids(place, chain, terms, k, values.beliefs[0])
    sights = _sights(sector, i)
    best = np.zeros(len(SIGNAL))
    for c in range(len(terms.capacity)):
        if not terms.in_mandate[c, k, i]:
            continue
        investor, value = sector.investors[c], stakes[c]
        years = int(terms.investment_quarters[c]) // QUARTERS_A_YEAR
        first = max(0, value.shape[2] - 2 - years) if investor.nodes else 0
        charge = float(sector.charge[c])
        offered = bids.bid_by_life(value, shared, chain[place:], terms, investor, charge, first, sights.get(c))
        quarters = tables.bid.shape[1] - 1
        tables.bid[c, :, k, i] = bids.by_quarter(offered, quarters) if investor.nodes else offered[:, 0]
        if charge > 0.0 or c in sights:
            fresh = value.shape[2] - 1
            plain = bids.bid_by_life(value, shared, chain[place:], terms, investor, 0.0, fresh)[:, fresh]
            if c in sights:
                tables.plain_bid[c, k, i] = plain
                continue
            charged = offered[:, fresh]
            tables.uncharged[c, k, i] = np.where(charged > 0.0, plain / np.where(charged > 0.0, charged, 1.0), 1.0)
        if sector.capacity[c] > 0.0:
            fresh_bid = tables.bid[c, min(investor.life, quarters), k, i]
            best = np.maximum(best, fresh_bid * _is_within_limit(terms, c, sector.laws[i], fresh_bid))
    return best


def _sights(sector: _Sector, i: int) -> dict[int, Floats]:
    """What classes see that see something else than the common signal, by class."""
    terms, k = sector.terms, sector.sector
    return sights_at(terms, sector.laws[i], float(terms.signal_sd[k, i]), sector.beliefs.pool[k, i])


def _wanted(sector: _Sector, i: int, best: Floats, tables: MarketTables) -> tuple[Floats, Floats]:
    """The best bid, and the share of ventures that somebody wants, (signal,) both: with managers of their own sight.

    A covered manager wants a venture by what it sees, a duty the part of ventures that belong to the place. Where only
    these want it, the price is the floor.
    """
    terms, k = sector.terms, sector.sector
    floor = sector.laws[i].need / terms.largest_dilution
    wanted = share_at_least(best - floor)
    for c in _sights(sector, i):
        if sector.capacity[c] <= 0.0 or not terms.in_mandate[c, k, i]:
            continue
        if is_duty(terms, c):
            share = np.full(len(SIGNAL), terms.local_share)
        else:
            fresh = tables.bid[c, min(sector.investors[c].life, tables.bid.shape[1] - 1), k, i]
            share = share_that_bids(float(terms.added_noise[c] * terms.signal_sd[k, i]), fresh - floor)
            best = np.maximum(best, fresh)
        wanted = 1.0 - (1.0 - wanted) * (1.0 - share)
        best = np.maximum(best, floor)
    return best, wanted


def _arrival_for(
    sector: _Sector, i: int, stage: _Solved, premium: float, stake: Floats, company: Floats, investor: bids.Investor
) -> Floats:
    """An investor's value of holding on arrival at a stage: (quality,) without horizon, else (quality, life)."""
    terms, k = sector.terms, sector.sector
    law, arrival = stage.law, stage.arrival
    pro_rata = float(investor.pro_rata[k, i])
    wait_law = sector.beliefs.wait[k, i]
    lapse = investor.factor ** (terms.search_quarters - 1)
    if investor.nodes == 0:
        wait = float(wait_law @ investor.factor ** np.arange(len(wait_law)))
        own_arrival = arrival._replace(wait=wait)
        return arrival_value(law, stage.offer, premium, own_arrival, pro_rata, stake[:, :, 0], lapse)
    offered = stage.offer * (arrival.going_concern > 0.0)
    closes = law.signal_weights * ((1.0 - offered) * arrival.closing)
    diluted = np.einsum("qs,qsl->ql", closes * (1.0 - pro_rata) * (1.0 - arrival.dilution), stake)
    taken_up = pro_rata * (np.einsum("qs,qsl->ql", closes, stake) - law.need * closes.sum(axis=1)[:, None])
    after = (diluted + taken_up) @ bids.wait_by_life(wait_law, investor.factor, investor.nodes).T
    lapses = (1.0 - offered) * lapse * arrival.distress
    other = law.signal_weights @ (offered * premium * arrival.going_concern + lapses)
    values: Floats = after + other[:, None]
    values[:, 0] = (1.0 - terms.secondary_discount) * company
    return values


def _fill_causes(
    sector: _Sector,
    i: int,
    stage: _Solved,
    stakes: list[Floats],
    later: list[_Solved],
    tables: MarketTables,
    certain: Floats,
) -> None:
    """Bids of fresh vehicles with one haircut after another taken off; each step may only raise them."""
    terms, k, beliefs = sector.terms, sector.sector, sector.beliefs
    n = len(terms.capacity)
    before = bids.earlier_rounds(sector.laws, i, beliefs.stake[k], terms.pro_rata_share)
    chain = [*before, stage.summary, *[s.summary for s in later]]
    place = len(before)
    belief, sights = stage.values.beliefs[0], _sights(sector, i)
    shared = bids.class_bids(place, chain, terms, k, belief)
    tables.certain_value[k, i] = expected(belief, certain)
    for c in range(n):
        if not terms.in_mandate[c, k, i]:
            continue
        investor = sector.investors[c]
        fresh = stakes[c].shape[2] - 1
        steps = [tables.bid[c, min(investor.life, tables.bid.shape[1] - 1), k, i]]
        for untaxed in (investor, investor._replace(tax_rate=0.0)):
            sight = sights.get(c)
            offered = bids.bid_by_life(stakes[c], shared, chain[place:], terms, untaxed, 0.0, max(0, fresh - 1), sight)
            quarters = tables.bid.shape[1] - 1
            steps.append(
                bids.by_quarter(offered, quarters)[min(investor.life, quarters)] if investor.nodes else offered[:, 0]
            )
        for shadow in (n + c, 2 * n + c):
            investor, sight = sector.investors[shadow], sights.get(c)
            offered = bids.bid_by_life(stakes[shadow], shared, chain[place:], terms, investor, 0.0, 0, sight)
            steps.append(offered[:, 0])
        # a limit of the mandate is no haircut that is taken off
        takes_part = _is_within_limit(terms, c, sector.laws[i], steps[0])
        tables.cause_bid[:, c, k, i] = np.maximum.accumulate(np.array(steps), axis=0) * takes_part


def _is_within_limit(terms: Terms, c: int, law: StageLaw, bid: Floats) -> NDArray[np.bool_]:
    """Whether a class that bids so (signal,) takes part, or thinks the company worth more than its limit."""
    return np.asarray(bid <= terms.valuation_max[c] + law.need)


def _forward_through(
    sector: _Sector, solved: dict[int, _Solved], pools: Floats, came_from: Floats | None = None
) -> None:
    """Who reaches each stage, given the values just worked out (fills `pools` (stage, quality)).

    On a platform stand those who have reached the pilot stage in the sector that they come from.
    """
    terms = sector.terms
    chain = list(sector.laws)
    pool = entrant_quality(terms.lemon_share, terms.lemon_quality_mean, terms.lemon_quality_sd)
    pools[chain[0]] = pool
    for here, after in pairwise(chain):
        stage = solved[here]
        if came_from is not None and terms.pilot[sector.sector, here]:
            pool = pools[here] = came_from[here]
        pool = next_pool(stage.law, pool, stage.offer, stage.arrival, stage.passes)
        pools[after] = pool
    if came_from is not None and terms.pilot[sector.sector, chain[-1]]:
        pools[chain[-1]] = came_from[chain[-1]]
