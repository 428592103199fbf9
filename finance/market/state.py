"""Working memory of one path: vehicles, ventures and who holds what of whom. Allocated once, reset by path."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.compiling import njit
from finance.market.liquidation import ROUND
from finance.market.packed import Packed
from finance.market.records import NEVER
from finance.market.terms import CATEGORIES, Floats, Integers, Terms

#: Rounds a venture can have in all: first closings, top-ups, bridges, extensions. More is an error, never cut off.
MOST_ROUNDS = 64
#: Room for ventures alive at once, per entrant a year, and for their holdings.
_SLOTS_PER_ENTRANT, _HOLDINGS_PER_SLOT = 40, 24

#: A quarter that no clock reaches.
HORIZON = 1_000_000

# What a venture is doing.
GONE, SEARCHING, WORKING, EXITING = range(4)


def _fields(whole: str, decimal: str) -> np.dtype[Any]:
    """Eight-byte fields, whole numbers first."""
    return np.dtype([(name, np.int64) for name in whole.split()] + [(name, np.float64) for name in decimal.split()])


#: By vehicle, in the order of their raise. `call` is CNY million a quarter,
#: `column` where its bids of the quarter stand in `Era.bid`.
VEHICLE = _fields("capital_class raised investment_quarters life_quarters frozen_until first_deals column", "call free")
#: By vehicle and stage: earmarked by this quarter's call and by last quarter's; share of a call that is earmarked.
PURSE = _fields("", "newer older budget")
#: By vehicle and category: cumulative cost, realised loss.
BOOK = _fields("", "cost loss")
#: By slot; a slot is used again when its venture is gone. `cohort` is the row of the notes; `year` of entry is relative
#: to the switch; `node`, `weight` place the signal on the grid; `burn` a year, `cash`, `start`, `milestone`, `cash_out`
#: are the attempt's; `supplied` and `share_price` are the stage's round's; `spent` the venture's; `founders`, `total`
#: are shares; no holder comes to its end before `next_sale`; `fate`, `price` say until the quarter's end how it ended.
VENTURE = _fields(
    "status slot cohort year ordinal sector stage attempt node asked start milestone cash_out worthwhile buyer_quarter"
    " n_rounds first_holding next_sale fate",
    "quality signal weight tie burn cash share_price supplied spent exit_value founders total price",
)
#: By slot and round of shares, see `liquidation`.
SHARES = ROUND
#: Stakes of vehicles, in linked lists by venture.
HOLDING = _fields("following vehicle round", "paid shares")
#: Payers at one table, buyers or holders: `stake` in shares, later what a right takes up; `frozen` ones cannot pay.
OFFER = _fields("vehicle frozen", "bid money pays stake")
#: Where and when the kernel is; `present` discounts a flow of the quarter to the switch at the social rate.
NOW = _fields("path key0 key1 quarter window", "index present")
#: Counters of the path.
COUNTERS = _fields("n_vehicles n_alive n_active n_spare_slots n_spare_holdings failure", "")


class Memory(NamedTuple):
    """Everything of a path that changes."""

    now: Packed  # (1,) NOW
    counters: Packed  # (1,) COUNTERS
    vehicles: Packed  # (vehicle,) VEHICLE
    purses: Packed  # (vehicle, stage) PURSE
    books: Packed  # (vehicle, category) BOOK
    ventures: Packed  # (slot,) VENTURE
    rounds: Packed  # (slot, round) SHARES
    holdings: Packed  # (holding,) HOLDING
    offers: Packed  # (offer,) OFFER
    slots: Integers  # (list, slot): ACTIVE in order of entry, SPARE slots, the QUEUE, room to SORT it
    spare_holdings: Integers
    alive: Integers  # (vehicle,): vehicles not yet at the end of their life, in the order of their raise
    able: Integers  # (sector, stage, 1 + place): how many vehicles may do first deals, then which
    queue_key: Floats  # (slot,)
    by_stage: Floats  # (1 + quarter, stage): tightness θ, then need asked by quarter
    sector_factor: Floats  # (sector,) of the quarter
    payout: Floats  # (round,)


ACTIVE, SPARE, QUEUE, SORT = range(4)
TIGHTNESS, FIRST_QUARTER = 0, 1

# Failures: a limit of the working memory was met. The path is void and the caller raises.
TOO_MANY_ROUNDS, TOO_MANY_HOLDINGS, TOO_MANY_VENTURES = 1, 2, 3


def memory_for(root: Terms, own: Terms, scale: int = 1) -> Memory:
    """Working memory for paths of a scenario.

    Parameters
    ----------
    root, own : Terms
        Of the root baseline and of the scenario, on the same axes.
    scale : int
        Multiplies the room for ventures and holdings, for the rare path that needs more.
    """
    n_sectors, n_stages = own.need.shape
    years = -(-own.n_quarters // 4)
    n_vehicles = len(own.capacity) * years
    entrants = max(root.entrants_a_year, own.entrants_a_year)
    slots = min(scale * _SLOTS_PER_ENTRANT * max(entrants, 4), entrants * years)
    room = scale * _HOLDINGS_PER_SLOT * slots

    def whole(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, dtype=np.int64)

    return Memory(
        np.zeros(1, NOW),
        np.zeros(1, COUNTERS),
        np.zeros(n_vehicles, VEHICLE),
        np.zeros((n_vehicles, n_stages), PURSE),
        np.zeros((n_vehicles, len(CATEGORIES)), BOOK),
        np.zeros(slots, VENTURE),
        np.zeros((slots, MOST_ROUNDS), SHARES),
        np.zeros(room, HOLDING),
        np.zeros(2 * n_vehicles, OFFER),
        whole(4, slots),
        whole(room),
        whole(n_vehicles),
        whole(n_sectors, n_stages, 1 + n_vehicles),
        np.zeros(slots),
        np.zeros((1 + own.n_quarters, n_stages)),
        np.zeros(n_sectors),
        np.zeros(MOST_ROUNDS),
    )


@njit
def clear_memory(memory: Memory) -> None:
    """Make the memory ready for a new path."""
    for v in range(len(memory.vehicles)):
        vehicle = memory.vehicles[v]
        vehicle.raised = NEVER
        vehicle.free = 0.0
        vehicle.frozen_until = NEVER
        vehicle.first_deals = 0
        for i in range(memory.purses.shape[1]):
            memory.purses[v, i].newer = 0.0
            memory.purses[v, i].older = 0.0
        for category in range(memory.books.shape[1]):
            memory.books[v, category].cost = 0.0
            memory.books[v, category].loss = 0.0
    memory.by_stage[:] = 0.0
    n_slots, n_holdings = memory.slots.shape[1], len(memory.spare_holdings)
    for slot in range(n_slots):
        memory.slots[SPARE, slot] = n_slots - 1 - slot
    for h in range(n_holdings):
        memory.spare_holdings[h] = n_holdings - 1 - h
    counters = memory.counters[0]
    counters.n_vehicles = 0
    counters.n_alive = 0
    counters.n_active = 0
    counters.n_spare_slots = n_slots
    counters.n_spare_holdings = n_holdings
    counters.failure = 0
