"""How managers of public money bid who do not bid on the common signal: what they see, and what a duty makes them pay."""

from __future__ import annotations

import math
from typing import Any

from finance.compiling import njit
from finance.market.lookup import bid_at, node_of
from finance.market.packed import Era
from finance.market.records import NEVER
from finance.market.state import Memory

#: Manner of bidding: on the common signal; on a signal with noise of its own; by a duty, for ventures of the place.
AS_OTHERS, COVERED, BY_DUTY = range(3)


@njit
def manner_of(era: Era, c: int) -> int:
    """How a class's managers bid."""
    terms = era.classes[c]
    if terms.owner != c:
        return BY_DUTY
    return COVERED if terms.added_noise > 0.0 else AS_OTHERS


@njit
def is_local(rules: Any, venture: Any) -> bool:
    """Whether a venture belongs to the place."""
    return bool(venture.place < rules.local_share)


@njit
def is_meant(era: Era, venture: Any, c: int) -> bool:
    """Whether a class may pay for a venture wherever it is, or the venture belongs to the place of its duty."""
    return bool(era.classes[c].owner == c or is_local(era.numbers[0], venture))


@njit
def seen_at(era: Era, venture: Any, c: int) -> tuple[int, float]:
    """What a class's managers see of a venture: lower node of the signal grid, weight of the node above.

    What a duty reserves is bid without a look, the same at every node. The first stands for all: equals are equal.
    """
    terms = era.classes[c]
    if terms.owner != c:
        return 0, 0.0
    noise = terms.added_noise
    return node_of(venture.signal + noise * venture.doubt) if noise > 0.0 else (venture.node, venture.weight)


@njit
def tabled_bid(era: Era, venture: Any, c: int, column: int) -> float:
    """What a manager of a class thinks a venture is worth to it, at index 1."""
    node, weight = seen_at(era, venture, c)
    bids = era.bid[venture.sector, venture.stage]
    return float(bid_at(bids[node], bids[node + 1], weight, column))


@njit
def managed_bid(memory: Memory, era: Era, venture: Any, place: Any, floor: float) -> float:
    """Bid, at the quarter's index, of a vehicle whose manner is not the others'.

    A duty has to be met: for a venture of the place it is at least the lowest price at which founders would sell, if they
    would; for another it is nothing.
    """
    bid = memory.now[0].index * tabled_bid(era, venture, place.capital_class, place.column)
    if place.manner == BY_DUTY:
        if not is_local(era.numbers[0], venture) or math.isinf(floor):
            return 0.0
        bid = max(bid, floor)
    return float(bid)


@njit
def has_turn(memory: Memory, place: Any) -> bool:
    """Whether a vehicle offers money in this turn of the quarter: what duties reserve first, all others after it."""
    return bool((place.manner == BY_DUTY) == (memory.now[0].is_duty_turn != 0))


@njit
def bargain_of(memory: Memory, era: Era, venture: Any, v: int, c: int) -> float:
    """Worth of the company, at the quarter's index, to partners who share the common signal, by a vehicle's life left.

    What it is worth to a fresh vehicle on the common signal × what this one's manager bids ÷ what a fresh one's would.
    """
    vehicle, terms = memory.vehicles[v], era.classes[c]
    left = vehicle.life_quarters - (memory.now[0].quarter - vehicle.raised)
    aged = tabled_bid(era, venture, c, terms.first_column + min(left, terms.longest_life))
    fresh = tabled_bid(era, venture, c, terms.first_column + min(vehicle.life_quarters, terms.longest_life))
    plain = era.plain_bid[c, venture.sector, venture.stage]
    worth = plain[venture.node] * (1.0 - venture.weight) + plain[venture.node + 1] * venture.weight
    return float(memory.now[0].index * worth * aged / fresh) if fresh > 0.0 else 0.0


@njit
def manager_beside(memory: Memory, era: Era, c: int) -> int:
    """The vehicle that the manager of a duty's vehicle has raised this year beside it; NEVER if there is none."""
    owner = era.classes[c].owner
    for v in range(memory.counters[0].n_vehicles - 1, -1, -1):
        if memory.vehicles[v].raised != memory.now[0].quarter or owner == c:
            return NEVER
        if memory.vehicles[v].capital_class == owner:
            return v
    return NEVER
