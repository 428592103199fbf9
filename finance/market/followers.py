"""Classes that join rounds which others lead: a share of what is paid, on the leads' terms, never without them.

Such a class has no bid of its own and no say in who is funded or at what price. What it pays, the leads need not; what
they cannot pay, it does not pay either.
"""

from __future__ import annotations

from typing import Any

from finance.compiling import njit
from finance.market.conventions import ROUND_OFF
from finance.market.packed import Era
from finance.market.state import Memory
from finance.market.vehicles import money_for


@njit
def money_to_join(memory: Memory, era: Era, place: Any, venture: Any) -> float:
    """What a vehicle of a class that joins can put into a round; nothing where it has too little life left."""
    if place.left < era.cells[venture.sector, venture.stage].shortest_life:
        return 0.0
    v = place.vehicle
    money = money_for(memory.vehicles[v], memory.purses[v, venture.stage])
    return float(min(money, era.classes[place.capital_class].ticket_max))


@njit
def joined_by(memory: Memory, era: Era, venture: Any, missing: float) -> float:
    """What classes that join pay of what a round misses, if the leads pay the rest."""
    total = 0.0
    for c in range(len(era.classes)):
        left = era.reach[venture.sector, venture.stage, c].follow_share * missing
        if left <= 0.0:
            continue
        for position in range(memory.counters[0].n_investing):
            place = memory.investing[position]
            if place.capital_class == c:
                part = min(left, money_to_join(memory, era, place, venture))
                total += part
                left -= part
    return total


@njit
def seat_followers(memory: Memory, era: Era, venture: Any, n: int, missing: float, filled: float) -> int:
    """Seat the vehicles that join behind the n leads, with what they pay where the leads fill a part of their own.

    Returns how many sit now. Older vehicles pay first, as their money lapses first.
    """
    for c in range(len(era.classes)):
        left = era.reach[venture.sector, venture.stage, c].follow_share * missing
        if left <= 0.0:
            continue
        for position in range(memory.counters[0].n_investing):
            place = memory.investing[position]
            if place.capital_class != c:
                continue
            part = min(left, money_to_join(memory, era, place, venture))
            left -= part
            if part > ROUND_OFF:
                offer = memory.offers[n]
                offer.vehicle = place.vehicle
                offer.bid = 0.0
                offer.money = part
                offer.pays = part * filled
                n += 1
    return n
