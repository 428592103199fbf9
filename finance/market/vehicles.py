"""Vehicles: raised, called, aged, audited; what they can spend and where it comes from."""

from __future__ import annotations

from typing import Any

from finance import luck
from finance.compiling import njit
from finance.market.holdings import note_sub_fund
from finance.market.managers import manager_beside, manner_of
from finance.market.packed import Era, Packed
from finance.market.records import AUDITS, AUDITS_ABOVE, CALLED, NEVER, UNUSED, Notes
from finance.market.state import FIRST_QUARTER, TIGHTNESS, Memory
from finance.policy.sub_funds import PUNISHED


@njit
def look_after_vehicles(memory: Memory, era: Era, notes: Notes) -> bool:
    """Raise, age, call, end and audit vehicles; returns whether some have come to the end of their life."""
    rules, quarter = era.numbers[0], memory.now[0].quarter
    if quarter % 4 == 0:
        raise_vehicles(memory, era)
    n, kept = memory.counters[0].n_alive, 0
    for position in range(n):
        v = memory.alive[position]
        vehicle = memory.vehicles[v]
        c = vehicle.capital_class
        age = quarter - vehicle.raised
        if age >= vehicle.life_quarters and not extend_life(memory, era, v):
            notes.ledger[c, quarter, UNUSED] += lapse_money(vehicle, memory.purses, v)
            continue
        memory.alive[kept] = v
        kept += 1
        if age < vehicle.investment_quarters:
            notes.ledger[c, quarter, UNUSED] += call_money(rules, vehicle, memory.purses, v)
            notes.deployed[c, CALLED] += memory.now[0].is_entry * vehicle.call
        elif age == vehicle.investment_quarters:
            close_earmarks(vehicle, memory.purses, v)
        if era.classes[c].public_share > 0.0 and age > 0 and age % 4 == 0 and not is_frozen(vehicle, quarter):
            audit(memory, era, notes, v, c)
    memory.counters[0].n_alive = kept
    return bool(kept < n)


@njit
def raise_vehicles(memory: Memory, era: Era) -> None:
    """In the first quarter of a year each class with capacity raises the year's vehicle."""
    quarter, counters = memory.now[0].quarter, memory.counters[0]
    for c in range(len(era.classes)):
        terms, v = era.classes[c], counters.n_vehicles
        if terms.capacity <= 0.0:
            continue
        vehicle = memory.vehicles[v]
        vehicle.capital_class = c
        vehicle.raised = quarter
        vehicle.investment_quarters = terms.investment_quarters
        vehicle.life_quarters = terms.life_quarters
        vehicle.stakes = 0
        vehicle.reserve = 0.0
        vehicle.extension_quarters = terms.extension_quarters
        vehicle.extension_probability = terms.extension_probability
        vehicle.binds = terms.budgets_bind
        vehicle.call = terms.capacity / terms.investment_quarters
        vehicle.free = 0.0
        vehicle.frozen_until = NEVER
        vehicle.first_deals = 0
        vehicle.table = NEVER
        vehicle.beside = manager_beside(memory, era, c)
        if vehicle.beside != NEVER:
            memory.vehicles[vehicle.beside].beside = v
        join_sub_fund(era.numbers[0], vehicle, quarter, era.classes[c].owner)
        for i in range(memory.purses.shape[1]):
            memory.purses[v, i].budget = era.desks[i, c].budget
            memory.purses[v, i].newer = 0.0
            memory.purses[v, i].older = 0.0
        for category in range(memory.books.shape[1]):
            memory.books[v, category].cost = 0.0
            memory.books[v, category].loss = 0.0
        memory.alive[counters.n_alive] = v
        counters.n_alive += 1
        counters.n_vehicles += 1


@njit
def join_sub_fund(rules: Any, vehicle: Any, quarter: int, c: int) -> None:
    """A vehicle of the guidance programme belongs to the sub-fund of the years in which it was raised.

    Sub-funds before the switch stand in the first rows, as many as the warm-up has years: those begun under the root
    baseline's rules, whatever the scenario pools. Then come the scenario's own, and last those of the programme that
    stands beside it.
    """
    vehicle.sub_fund, vehicle.first_closing = NEVER, quarter
    switch = rules.switch_quarter
    if quarter < switch:
        if c == rules.sub_fund_class:
            vehicle.sub_fund = quarter // rules.pool_quarters
            vehicle.first_closing = vehicle.sub_fund * rules.pool_quarters
    elif c == rules.sub_fund_class:
        number = (quarter - switch) // rules.pool_quarters
        vehicle.sub_fund = -(-switch // 4) + number
        vehicle.first_closing = switch + number * rules.pool_quarters
    elif c == rules.standing_class:
        own = -(-(rules.n_quarters - switch) // rules.pool_quarters)
        number = (quarter - switch) // rules.standing_pool
        vehicle.sub_fund = -(-switch // 4) + own + number
        vehicle.first_closing = switch + number * rules.standing_pool


@njit
def free_earmarks(vehicle: Any, purses: Packed, v: int) -> None:
    """All earmarks become free, after the last call."""
    free = vehicle.free
    for i in range(purses.shape[1]):
        free += purses[v, i].older + purses[v, i].newer
        purses[v, i].older = 0.0
        purses[v, i].newer = 0.0
    vehicle.free = free


@njit
def age_earmarks(vehicle: Any, purses: Packed, v: int) -> float:
    """A quarter passes: older earmarks become free, newer ones older. Returns all money before the call."""
    total, free = 0.0, vehicle.free
    for i in range(purses.shape[1]):
        purse = purses[v, i]
        free += purse.older
        purse.older = purse.newer
        purse.newer = 0.0
        total += purse.older
    vehicle.free = free
    return float(total + free)


@njit
def age_bound(vehicle: Any, purses: Packed, v: int) -> float:
    """A quarter passes for earmarks that bind: newer ones become older and none becomes free. Returns all money."""
    total = vehicle.free
    for i in range(purses.shape[1]):
        purse = purses[v, i]
        purse.older += purse.newer
        purse.newer = 0.0
        total += purse.older
    return float(total)


@njit
def close_earmarks(vehicle: Any, purses: Packed, v: int) -> None:
    """After the last call earmarks become free, but for those that bind."""
    if vehicle.binds != 0:
        age_bound(vehicle, purses, v)
    else:
        free_earmarks(vehicle, purses, v)


@njit
def lapse_alike(vehicle: Any, purses: Packed, v: int, kept: float) -> None:
    """Of all that a vehicle has, whatever it is for, the same part is kept and the rest lapses."""
    vehicle.free *= kept
    for i in range(purses.shape[1]):
        purses[v, i].older *= kept


@njit
def call_money(rules: Any, vehicle: Any, purses: Packed, v: int) -> float:
    """One quarter's call: earmarks age, what is above the carry-over lapses, the call comes in. Returns the lapse."""
    if vehicle.binds != 0:
        total = age_bound(vehicle, purses, v)
    elif rules.earmark_quarters == 2:
        total = age_earmarks(vehicle, purses, v)
    else:
        free_earmarks(vehicle, purses, v)
        total = vehicle.free
    lapsed = max(0.0, total - rules.carry_over_quarters * vehicle.call)
    if lapsed > 0.0 and vehicle.binds != 0:
        lapse_alike(vehicle, purses, v, (total - lapsed) / total)
    elif lapsed > 0.0:
        excess = lapsed - min(lapsed, vehicle.free)
        vehicle.free = max(0.0, vehicle.free - lapsed)
        for i in range(purses.shape[1]):
            drawn = min(excess, purses[v, i].older)
            purses[v, i].older -= drawn
            excess -= drawn
    earmarked = 0.0
    if rules.earmark_quarters > 0 or vehicle.binds != 0:
        for i in range(purses.shape[1]):
            purses[v, i].newer = purses[v, i].budget * vehicle.call
            earmarked += purses[v, i].newer
    vehicle.free += max(0.0, vehicle.call - earmarked)
    return float(lapsed)


@njit
def lapse_money(vehicle: Any, purses: Packed, v: int) -> float:
    """At the end of its life a vehicle's remaining money lapses; returns it."""
    free_earmarks(vehicle, purses, v)
    lapsed = vehicle.free
    vehicle.free = 0.0
    return float(lapsed)


@njit
def extend_life(memory: Memory, era: Era, v: int) -> bool:
    """At the end of its life: whether partners give a manager who still holds stakes more time, which they do once.

    Vehicles beside each other have one manager and one draw, so they are extended together.
    """
    now, rules, vehicle = memory.now[0], era.numbers[0], memory.vehicles[v]
    added, stakes = vehicle.extension_quarters, vehicle.stakes
    if vehicle.beside != NEVER:
        stakes += memory.vehicles[vehicle.beside].stakes
    vehicle.extension_quarters = 0
    if added == 0 or stakes == 0:
        return False
    owner = luck.entrant_code((vehicle.raised - rules.switch_quarter) // 4, luck.VEHICLE_ORDINAL)
    slot = luck.slot(era.classes[vehicle.capital_class].class_code, 0)
    word, _, _, _ = luck.philox(now.path, owner, slot, luck.EXTENSION, now.key0, now.key1)
    if luck.uniform(word) >= vehicle.extension_probability:
        return False
    vehicle.life_quarters += added
    return True


@njit
def is_frozen(vehicle: Any, quarter: int) -> bool:
    """Under a freeze after an audit."""
    return bool(quarter < vehicle.frozen_until)


@njit
def all_money(vehicle: Any, purses: Packed, v: int) -> float:
    """All uncalled money of a vehicle."""
    total = vehicle.free
    for i in range(purses.shape[1]):
        total += purses[v, i].older + purses[v, i].newer
    return float(total)


@njit
def money_for(vehicle: Any, purse: Any) -> float:
    """What a vehicle can put into a first deal at the stage of the purse, its ticket limit aside."""
    return float(purse.older + purse.newer + vehicle.free)


@njit
def money_for_holding(vehicle: Any, purses: Packed, v: int, stage: int) -> float:
    """What a vehicle can put into a bridge or an extension at a stage: all it has, but what binds is for its stage."""
    return money_for(vehicle, purses[v, stage]) if vehicle.binds != 0 else all_money(vehicle, purses, v)


@njit
def spend_on_round(vehicle: Any, purse: Any, amount: float) -> None:
    """Take money for a round: older earmark of its stage, newer earmark, free."""
    drawn = min(amount, purse.older)
    purse.older -= drawn
    amount -= drawn
    drawn = min(amount, purse.newer)
    purse.newer -= drawn
    vehicle.free = max(0.0, vehicle.free - (amount - drawn))


@njit
def spend_on_holding(vehicle: Any, purses: Packed, v: int, stage: int, amount: float) -> None:
    """Take money for a bridge or an extension: free, older earmarks, newer ones, in stage order.

    Where earmarks bind it is a payment at the stage like any other, out of what is kept for the stage first.
    """
    if vehicle.binds != 0:
        spend_on_round(vehicle, purses[v, stage], amount)
        return
    drawn = min(amount, vehicle.free)
    vehicle.free -= drawn
    amount -= drawn
    for i in range(purses.shape[1]):
        drawn = min(amount, purses[v, i].older)
        purses[v, i].older -= drawn
        amount -= drawn
    for i in range(purses.shape[1]):
        drawn = min(amount, purses[v, i].newer)
        purses[v, i].newer -= drawn
        amount -= drawn


@njit
def audit(memory: Memory, era: Era, notes: Notes, v: int, c: int) -> None:
    """The yearly audit: money is frozen where losses beyond the limits are above the reserve, and it is not honoured."""
    rules, now, vehicle = era.numbers[0], memory.now[0], memory.vehicles[v]
    quarter, beside = now.quarter, vehicle.beside
    if beside != NEVER and beside < v:
        return  # with the vehicle that the same manager has raised before it
    deals = vehicle.first_deals + (memory.vehicles[beside].first_deals if beside != NEVER else 0)
    if deals < rules.first_audited_deal:
        return
    limits, reserve = era.classes[c], vehicle.reserve
    if beside != NEVER:
        reserve += memory.vehicles[beside].reserve
    excess = _excess(memory, v, 0, limits.loss_limit_seed)
    excess += _excess(memory, v, 1, limits.loss_limit_venture)
    excess += _excess(memory, v, 2, limits.loss_limit_later)
    above = excess > reserve
    if rules.switch_quarter <= quarter < rules.switch_quarter + rules.entry_quarters:
        notes.tallies[c, AUDITS] += 1
        notes.tallies[c, AUDITS_ABOVE] += above
    if not above:
        return
    owner = luck.entrant_code((vehicle.raised - rules.switch_quarter) // 4, luck.VEHICLE_ORDINAL)
    slot = luck.slot(era.classes[c].class_code, (quarter - vehicle.raised) // 4)
    word, _, _, _ = luck.philox(now.path, owner, slot, luck.AUDIT, now.key0, now.key1)
    if luck.uniform(word) >= limits.honoured:
        vehicle.frozen_until = quarter + rules.freeze_quarters
        if vehicle.sub_fund != NEVER:
            note_sub_fund(notes, vehicle, quarter, PUNISHED, 1.0)
        if beside != NEVER:
            memory.vehicles[beside].frozen_until = vehicle.frozen_until


@njit
def _excess(memory: Memory, v: int, category: int, limit: float) -> float:
    """A manager's realised loss beyond a limit, which is a share of the cost invested in a category."""
    book, beside = memory.books[v, category], memory.vehicles[v].beside
    cost, loss = book.cost, book.loss
    if beside != NEVER:
        cost += memory.books[beside, category].cost
        loss += memory.books[beside, category].loss
    return float(max(0.0, loss - limit * cost))


@njit
def list_able(memory: Memory, era: Era) -> None:
    """Vehicles that may do first deals, by sector and stage; and θ by stage.

    θ is the money that they can spend at the stage, in whichever sector, ÷ need asked there in the last four quarters.
    """
    list_investing(memory, era)
    n_sectors, n_stages = era.cells.shape
    for i in range(n_stages):
        for k in range(n_sectors):
            list_able_at(memory, era, k, i)
        asked = need_asked(memory, i)
        memory.by_stage[TIGHTNESS, i] = spendable_money(memory, era, i) / asked if asked > 0.0 else 1.0


@njit
def list_investing(memory: Memory, era: Era) -> None:
    """Vehicles in their investment period that are not frozen, in the order of their raise."""
    quarter, n = memory.now[0].quarter, 0
    for position in range(memory.counters[0].n_alive):
        v = memory.alive[position]
        vehicle = memory.vehicles[v]
        age = quarter - vehicle.raised
        if age >= vehicle.investment_quarters or is_frozen(vehicle, quarter):
            continue
        place, terms, left = memory.investing[n], era.classes[vehicle.capital_class], vehicle.life_quarters - age
        place.vehicle = v
        place.capital_class = vehicle.capital_class
        place.column = terms.first_column + min(left, terms.longest_life)
        place.manner = manner_of(era, vehicle.capital_class)
        place.left = left
        n += 1
    memory.counters[0].n_investing = n


@njit
def list_able_at(memory: Memory, era: Era, sector: int, stage: int) -> None:
    """Of the vehicles that invest, those with the mandate for a stage and enough life left."""
    investing, able, reach, n = memory.investing, memory.able[sector, stage], era.reach[sector, stage], 0
    for position in range(memory.counters[0].n_investing):
        place = investing[position]
        if place.left >= reach[place.capital_class].shortest_life:
            able[n].vehicle = place.vehicle
            able[n].capital_class = place.capital_class
            able[n].column = place.column
            able[n].manner = place.manner
            n += 1
    memory.n_able[sector, stage] = n


@njit
def spendable_money(memory: Memory, era: Era, stage: int) -> float:
    """Money that vehicles can spend on first deals at a stage, in whichever sector."""
    investing, vehicles, desks, total = memory.investing, memory.vehicles, era.desks[stage], 0.0
    for position in range(memory.counters[0].n_investing):
        place = investing[position]
        if place.left >= desks[place.capital_class].shortest_life:
            total += money_for(vehicles[place.vehicle], memory.purses[place.vehicle, stage])
    return total


@njit
def need_asked(memory: Memory, stage: int) -> float:
    """Need asked at a stage in the last four quarters."""
    quarter, asked = memory.now[0].quarter, 0.0
    for before in range(max(0, quarter - 4), quarter):
        asked += memory.by_stage[FIRST_QUARTER + before, stage]
    return asked
