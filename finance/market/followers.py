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
def seat_followers(memory: Memory, era: Era, venture: Any, n: int, missing: float) -> tuple[int, float]:
    """Seat the vehicles that join behind the n offers of leads, with what they pay of what a round misses.

    That is their share of it, if leads pay the rest; older vehicles first, as their money lapses first. Returns how many
    they are, and how much they pay together.
    """
    joining, joined = 0, 0.0
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
            joined += part
            if part > ROUND_OFF:
                memory.offers[n + joining].vehicle = place.vehicle
                memory.offers[n + joining].money = part
                joining += 1
    return joining, joined


@njit
def move_up(memory: Memory, first: int, joining: int, n: int, filled: float) -> int:
    """Those who join take the seats behind the n leads that are taken, and pay as these fill their part.

    They bid nothing, so they have no rights. Returns how many sit now.
    """
    for position in range(joining):
        seated, offer = memory.offers[first + position], memory.offers[n + position]
        offer.vehicle = seated.vehicle
        offer.bid = 0.0
        offer.money = seated.money
        offer.pays = filled * seated.money
    return n + joining
