"""Working memory of one path: vehicles, ventures and who holds what of whom. Allocated once, reset by path."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.compiling import njit
from finance.market.conventions import CATEGORIES
from finance.market.liquidation import ROUND
from finance.market.packed import Packed
from finance.market.terms import Floats, Integers, Terms

Places = NDArray[np.uint32]

#: Room for the rounds of a venture (first closings, top-ups, bridges, extensions), for ventures alive at once, by entrant
#: a year, and for their holdings. A path that needs more fails and is simulated again with more, never cut off.
_ROUNDS, _SLOTS_PER_ENTRANT, _HOLDINGS_PER_SLOT = 64, 40, 24

#: A quarter that no clock reaches.
HORIZON = 1_000_000
#: Places that no memory has: of no venture, behind the last stake of a list.
NO_SLOT = NO_HOLDING = 2**32 - 1

# What a venture is doing.
GONE, SEARCHING, WORKING, EXITING, QUEUEING = range(5)


def _fields(unsigned: str, whole: str, decimal: str) -> np.dtype[Any]:
    """Places in other arrays, whole numbers, decimals.

    Places are unsigned: the compiler then knows that they do not count from the end of an array, and spares the question.
    """
    kinds = ((unsigned, np.uint32), (whole, np.int64), (decimal, np.float64))
    return np.dtype([(name, kind) for names, kind in kinds for name in names.split()], align=True)


#: By vehicle, in the order of their raise. `call` is CNY million a quarter; `seat` is its place at the table it sat at
#: last, whose number is `table` (`bridging.seat_payers`); `beside` is the vehicle under the same manager, NEVER if it has
#: none; `sub_fund` is the row of its accounts in the notes, NEVER if it
#: is none, and `first_closing` the quarter from which they count; `binds` is 1 where no earmark becomes free;
#: `stakes` are those it holds, and `extension_quarters` what may still be added to its life;
#: `reserve` is what has been set aside of its gains.
VEHICLE = _fields(
    "capital_class",
    "raised investment_quarters life_quarters frozen_until first_deals seat table beside sub_fund first_closing binds "
    "stakes extension_quarters",
    "call free extension_probability reserve",
)
#: Vehicles that may spend on rounds this quarter: in their investment period and not frozen. `left` is their life in
#: quarters, `column` where their bids stand in `Era.bid`, `manner` how they bid (`managers`).
INVESTING = _fields("vehicle capital_class column manner", "left", "")
#: By vehicle and stage: earmarked by this quarter's call and by last quarter's; share of a call that is earmarked.
PURSE = _fields("", "", "newer older budget")
#: By vehicle and category: cumulative cost, realised loss.
BOOK = _fields("", "", "cost loss")
#: By slot; a slot is used again when its venture is gone. `cohort` is the row of the notes; `year` of entry is relative
#: to the switch; `node`, `weight` place the signal on the grid; `burn` a year, `cash`, `start`, `milestone`, `cash_out`
#: are the attempt's; `supplied` and `share_price` are the stage's round's; `spent` the venture's; `founders`, `total`
#: are shares; `place` is the draw by which it belongs to a place, `doubt` what a covered manager's noise of its own is
#: multiplied with; no holder comes to its end before `next_sale`; `fate`, `price` say until the quarter's end how it
#: ended, and `tax_asset` what of the price is tax saved; `asks` is what its round asks
#: vehicles for, `owed` what it owes a bank, `recovered` what a sale brings that.
VENTURE = _fields(
    "slot sector stage node first_holding",
    "status cohort year ordinal attempt asked start milestone cash_out worthwhile buyer_quarter n_rounds next_sale fate",
    "quality signal weight tie place doubt burn cash share_price supplied spent exit_value founders total price "
    "tax_asset asks owed recovered",
)
#: By slot and round of shares, see `liquidation`.
SHARES = ROUND
#: Stakes of vehicles, in linked lists by venture.
HOLDING = _fields("vehicle round following", "", "paid shares")
#: Payers at one table, buyers or holders: `stake` in shares, later what a right takes up; `frozen` ones cannot pay.
OFFER = _fields("vehicle frozen", "", "bid money pays stake")
#: Where and when the kernel is; `present` discounts a flow of the quarter to the switch at the social rate; `is_entry`
#: holds in the cohort's entry years, `is_duty_turn` while what duties reserve is given out.
NOW = _fields("key0 key1", "path quarter window is_entry is_duty_turn", "index present")
#: Counters of the path; `n_slots` and `n_holdings` have been in use at least once; `free_places` are on pilot platforms.
COUNTERS = _fields(
    "",
    "n_vehicles n_alive n_investing n_tables n_active n_slots n_spare_slots n_holdings n_spare_holdings failure",
    "free_places",
)


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
    slots: Places  # (list, slot): ACTIVE in order of entry, SPARE slots, the QUEUE, room to SORT it
    spare_holdings: Places
    alive: Places  # (vehicle,): vehicles not yet at the end of their life, in the order of their raise
    investing: Packed  # (place,) INVESTING
    able: Packed  # (sector, stage, place) INVESTING: those that may do first deals at a stage
    n_able: Integers  # (sector, stage): how many they are
    queue_key: Floats  # (slot,)
    by_stage: Floats  # (1 + quarter, stage): tightness θ, then need asked by quarter
    sector_factor: Floats  # (sector,) of the quarter
    spending: Floats  # (slot, year, plane): cash got, and research in it, see `company_tax`
    losses: Floats  # (2, year): room for two tax accounts
    payout: Floats  # (round,)


ACTIVE, SPARE, QUEUE, SORT = range(4)
TIGHTNESS, FIRST_QUARTER = 0, 1

# Failures: a limit of the working memory was met. The path is void; the caller tries again with more room.
TOO_MANY_ROUNDS, TOO_MANY_HOLDINGS, TOO_MANY_VENTURES = 1, 2, 3


def memory_for(root: Terms, own: Terms, scale: int = 1) -> Memory:
    """Working memory for paths of a scenario.

    Parameters
    ----------
    root, own : Terms
        Of the root baseline and of the scenario, on the same axes.
    scale : int
        Multiplies the room for ventures, rounds and holdings, for the rare path that needs more.
    """
    n_sectors, n_stages = own.need.shape
    years = -(-own.n_quarters // 4)
    n_vehicles = len(own.capacity) * years
    entrants = max(root.entrants_a_year, own.entrants_a_year)
    slots = min(scale * _SLOTS_PER_ENTRANT * max(entrants, 4), entrants * years)
    room = scale * _HOLDINGS_PER_SLOT * slots

    def places(*shape: int) -> Places:
        return np.zeros(shape, dtype=np.uint32)

    return Memory(
        np.zeros(1, NOW),
        np.zeros(1, COUNTERS),
        np.zeros(n_vehicles, VEHICLE),
        np.zeros((n_vehicles, n_stages), PURSE),
        np.zeros((n_vehicles, len(CATEGORIES)), BOOK),
        np.zeros(slots, VENTURE),
        np.zeros((slots, scale * _ROUNDS), SHARES),
        np.zeros(room, HOLDING),
        np.zeros(2 * n_vehicles, OFFER),
        places(4, slots),
        places(room),
        places(n_vehicles),
        np.zeros(n_vehicles, INVESTING),
        np.zeros((n_sectors, n_stages, n_vehicles), INVESTING),
        np.zeros((n_sectors, n_stages), dtype=np.int64),
        np.zeros(slots),
        np.zeros((1 + own.n_quarters, n_stages)),
        np.zeros(n_sectors),
        np.zeros((slots, years, 2)),
        np.zeros((2, years)),
        np.zeros(scale * _ROUNDS),
    )


@njit
def clear_memory(memory: Memory) -> None:
    """Make the memory ready for a new path."""
    memory.by_stage[:] = 0.0
    counters = memory.counters[0]
    counters.n_vehicles = 0
    counters.n_alive = 0
    counters.n_tables = 0
    counters.n_active = 0
    counters.n_slots = 0
    counters.n_spare_slots = 0
    counters.n_holdings = 0
    counters.n_spare_holdings = 0
    counters.failure = 0
    counters.free_places = 0.0


@njit
def has_room(target: Memory, source: Memory) -> bool:
    """Whether a memory has room for the ventures and holdings of another one, and for as many rounds of each venture."""
    needed = source.counters[0]
    fits = needed.n_slots <= target.slots.shape[1] and needed.n_holdings <= len(target.spare_holdings)
    return bool(fits and len(source.payout) <= len(target.payout))


@njit
def copy_memory(source: Memory, target: Memory, quarters: int) -> None:
    """Copy what so many quarters have left to the next; what each quarter works out anew is left out."""
    counters = source.counters[0]
    target.counters[0] = counters
    for v in range(counters.n_vehicles):
        target.vehicles[v] = source.vehicles[v]
        target.alive[v] = source.alive[v]
        for i in range(source.purses.shape[1]):
            target.purses[v, i] = source.purses[v, i]
        for category in range(source.books.shape[1]):
            target.books[v, category] = source.books[v, category]
    for h in range(counters.n_holdings):
        target.holdings[h] = source.holdings[h]
        target.spare_holdings[h] = source.spare_holdings[h]
    for slot in range(counters.n_slots):
        target.slots[ACTIVE, slot] = source.slots[ACTIVE, slot]
        target.slots[SPARE, slot] = source.slots[SPARE, slot]
        venture = source.ventures[slot]
        target.ventures[slot] = venture
        for r in range(venture.n_rounds):
            target.rounds[slot, r] = source.rounds[slot, r]
        target.spending[slot] = 0.0
        for year in range(-(-quarters // 4)):
            target.spending[slot, year, 0] = source.spending[slot, year, 0]
            target.spending[slot, year, 1] = source.spending[slot, year, 1]
    for row in range(len(target.by_stage)):
        for i in range(target.by_stage.shape[1]):
            target.by_stage[row, i] = source.by_stage[row, i] if row < FIRST_QUARTER + quarters else 0.0


@njit
def new_slot(memory: Memory) -> int:
    """A slot for a venture that enters, last in the order of entry; NO_SLOT, and a failure, if there is no room."""
    counters = memory.counters[0]
    slot = counters.n_slots
    if counters.n_spare_slots > 0:
        counters.n_spare_slots -= 1
        slot = memory.slots[SPARE, counters.n_spare_slots]
    elif slot == memory.slots.shape[1]:
        counters.failure = TOO_MANY_VENTURES
        return NO_SLOT
    else:
        counters.n_slots += 1
    memory.slots[ACTIVE, counters.n_active] = slot
    counters.n_active += 1
    return int(slot)


@njit
def free_slot(memory: Memory, slot: int) -> None:
    """The slot of a venture that is gone may be used again."""
    counters = memory.counters[0]
    memory.slots[SPARE, counters.n_spare_slots] = slot
    counters.n_spare_slots += 1


@njit
def new_holding(memory: Memory) -> int:
    """A place for a stake; NO_HOLDING, and a failure, if there is no room."""
    counters = memory.counters[0]
    if counters.n_spare_holdings > 0:
        counters.n_spare_holdings -= 1
        return int(memory.spare_holdings[counters.n_spare_holdings])
    if counters.n_holdings == len(memory.spare_holdings):
        counters.failure = TOO_MANY_HOLDINGS
        return NO_HOLDING
    counters.n_holdings += 1
    return int(counters.n_holdings - 1)


@njit
def free_holding(memory: Memory, h: int) -> None:
    """The place of a stake that has ended may be used again."""
    counters = memory.counters[0]
    memory.spare_holdings[counters.n_spare_holdings] = h
    counters.n_spare_holdings += 1
