"""Why a worthwhile round was not, or not wholly, supplied: one haircut after another taken off."""

from __future__ import annotations

import math
from typing import Any

from finance.compiling import njit
from finance.market.conventions import ROUND_OFF
from finance.market.lookup import founders_price, value_at
from finance.market.managers import BY_DUTY, is_meant, manner_of, seen_at
from finance.market.packed import CERTAIN_VALUE, Era
from finance.market.records import (
    BY_ACCOUNTABILITY,
    BY_CAPACITY,
    BY_FINANCING_RISK,
    BY_FOUNDERS,
    BY_MANDATE,
    BY_OTHER,
    NEVER,
    Notes,
)
from finance.market.state import Memory
from finance.market.terms import Floats
from finance.market.vehicles import is_frozen, money_for

_PRICE_STEPS = 5  # full bid, then without charge, tax, horizon, premium (tables.CAUSE_STEPS)


@njit
def note_causes(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """Write both causes of a cohort round's shortfall, once, if it was worthwhile and money is missing."""
    row, i = venture.cohort, venture.stage
    if row == NEVER or venture.worthwhile == 0 or notes.rounds[row, i].cause_first != 0:
        return
    need = venture.asks
    if need - venture.supplied <= ROUND_OFF:
        return
    floor = founders_price(era.numbers[0], venture, need)
    notes.rounds[row, i].cause_first = cause_with_capacity_first(memory, era, venture, floor)
    notes.rounds[row, i].cause_last = cause_with_capacity_last(memory, era, venture, floor)


@njit
def would_bid(memory: Memory, era: Era, venture: Any, index: float, step: int, c: int, floor: float) -> bool:
    """Whether a class's fresh vehicle bids the floor with the haircuts of the first `step` steps off."""
    if not is_open_to(memory, era, venture, c):
        return False
    if manner_of(era, c) == BY_DUTY:
        return not math.isinf(floor)
    node, weight = seen_at(era, venture, c)
    low, high = _nodes(era.cause_bid, step, c, venture, node)
    return bool(index * (low * (1.0 - weight) + high * weight) >= floor)


@njit
def is_open_to(memory: Memory, era: Era, venture: Any, c: int) -> bool:
    """Whether a class is in the market, and a venture in its mandate and in the place of its duty, if it has one."""
    in_mandate = era.reach[venture.sector, venture.stage, c].in_mandate != 0
    return bool(in_mandate and is_meant(era, venture, c) and is_in_market(memory, era, c))


@njit
def is_in_market(memory: Memory, era: Era, c: int) -> bool:
    """Whether a class raises vehicles, or still has one in its investment period."""
    if era.classes[c].capacity > 0.0:
        return True
    for position in range(memory.counters[0].n_alive):
        vehicle = memory.vehicles[memory.alive[position]]
        if vehicle.capital_class == c and memory.now[0].quarter - vehicle.raised < vehicle.investment_quarters:
            return True
    return False


@njit
def _nodes(cause_bid: Floats, step: int, c: int, venture: Any, node: int) -> tuple[float, float]:
    """The tabled bids at the nodes of the signal grid below and above what a class sees."""
    k, i = venture.sector, venture.stage
    return cause_bid[step, c, k, i, node], cause_bid[step, c, k, i, node + 1]


@njit
def has_able_vehicle(memory: Memory, sector: int, stage: int, c: int) -> bool:
    """Whether a class has a vehicle that may do first deals at a stage now."""
    for position in range(memory.n_able[sector, stage]):
        if memory.able[sector, stage, position].capital_class == c:
            return True
    return False


@njit
def has_frozen_vehicle(memory: Memory, c: int) -> bool:
    """Whether a class has a frozen vehicle in its investment period."""
    quarter = memory.now[0].quarter
    for position in range(memory.counters[0].n_alive):
        vehicle = memory.vehicles[memory.alive[position]]
        is_investing = quarter - vehicle.raised < vehicle.investment_quarters
        if vehicle.capital_class == c and is_investing and is_frozen(vehicle, quarter):
            return True
    return False


@njit
def is_kept_out_by_freeze(memory: Memory, era: Era, venture: Any, floor: float) -> bool:
    """Whether of the classes that bid the floor none has an able vehicle and some has a frozen one."""
    frozen = False
    for c in range(len(era.classes)):
        if would_bid(memory, era, venture, memory.now[0].index, 0, c, floor):
            if has_able_vehicle(memory, venture.sector, venture.stage, c):
                return False
            frozen = frozen or has_frozen_vehicle(memory, c)
    return frozen


@njit
def cause_with_capacity_first(memory: Memory, era: Era, venture: Any, floor: float) -> int:
    """The first reason in the order capacity, accountability … other."""
    for step in range(_PRICE_STEPS):
        for c in range(len(era.classes)):
            if would_bid(memory, era, venture, memory.now[0].index, step, c, floor):
                if step > 0:
                    return BY_ACCOUNTABILITY + step - 1
                return BY_ACCOUNTABILITY if is_kept_out_by_freeze(memory, era, venture, floor) else BY_CAPACITY
    return beyond_bids(memory, era, venture, floor)


@njit
def beyond_bids(memory: Memory, era: Era, venture: Any, floor: float) -> int:
    """Reasons left once no haircut on a bid is: financing risk, mandate, founders, other."""
    k, i = venture.sector, venture.stage
    certain = value_at(era.by_signal, k, i, CERTAIN_VALUE, venture.node, venture.weight) * memory.now[0].index
    if certain >= floor:
        for c in range(len(era.classes)):
            if is_open_to(memory, era, venture, c):
                return BY_FINANCING_RISK
        return BY_MANDATE
    if certain >= venture.asks:
        return BY_FOUNDERS
    return BY_OTHER


@njit
def cause_with_capacity_last(memory: Memory, era: Era, venture: Any, floor: float) -> int:
    """The first haircut without which bidders with enough money would be there; capacity if only money is not."""
    missing = venture.asks - venture.supplied
    wanted = max(ROUND_OFF, era.numbers[0].min_fill * missing - ROUND_OFF)
    for step in range(1, _PRICE_STEPS):
        if money_of_bidders(memory, era, venture, floor, step) > wanted:
            return BY_ACCOUNTABILITY + step - 1
    last = beyond_bids(memory, era, venture, floor)
    if last in (BY_MANDATE, BY_OTHER):
        return last
    return last if money_of_bidders(memory, era, venture, floor, _PRICE_STEPS) > wanted else BY_CAPACITY


@njit
def money_of_bidders(memory: Memory, era: Era, venture: Any, floor: float, step: int) -> float:
    """Money that able vehicles can spend here, of the classes that bid the floor at a step (beyond: of all)."""
    now = memory.now[0]
    k, i = venture.sector, venture.stage
    total = 0.0
    able = memory.able[k, i]
    for position in range(memory.n_able[k, i]):
        v, c = able[position].vehicle, able[position].capital_class
        is_any = step >= _PRICE_STEPS and is_meant(era, venture, c)
        if is_any or (step < _PRICE_STEPS and would_bid(memory, era, venture, now.index, step, c, floor)):
            total += min(money_for(memory.vehicles[v], memory.purses[v, i]), era.classes[c].ticket_max)
    return total
