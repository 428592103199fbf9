"""Bridges and extensions: a venture's holders pay for another attempt, or for more time, out of what they have."""

from __future__ import annotations

from typing import Any

from finance.compiling import njit
from finance.market.conventions import ROUND_OFF
from finance.market.endings import end
from finance.market.holdings import open_round, take_stake
from finance.market.packed import Era
from finance.market.public_costs import note_cash
from finance.market.records import FROZEN, NEVER, STARVED, Notes
from finance.market.state import NO_HOLDING, Memory
from finance.market.vehicles import is_frozen, money_for_holding, spend_on_holding

_MOST_SOLD = 1.0 - 1e-9


@njit
def paid_by_holders(memory: Memory, era: Era, notes: Notes, venture: Any, amount: float, value: float) -> bool:
    """Holders put in an amount at the price of the continuing value; if they cannot, the venture ends."""
    row = venture.cohort
    if row != NEVER:
        notes.bridges[venture.sector, venture.stage, 0] += 1
    n = seat_payers(memory, venture)
    money, frozen_money = 0.0, 0.0
    for seat in range(n):
        if memory.offers[seat].frozen != 0:
            frozen_money += memory.offers[seat].money
        else:
            money += memory.offers[seat].money
    if money < amount - ROUND_OFF:
        end(venture, FROZEN if money + frozen_money >= amount - ROUND_OFF else STARVED, 0.0)
        return False
    if row != NEVER:
        notes.bridges[venture.sector, venture.stage, 1] += 1
        notes.rounds[row, venture.stage].bridge += amount
        note_cash(memory, era, notes, venture, amount)
    if amount > 0.0:
        share_out(memory, n, amount)
        collect(memory, era, notes, venture, n, amount, min(amount / value, _MOST_SOLD))
    return True


@njit
def seat_payers(memory: Memory, venture: Any) -> int:
    """Seat every holder with money for the stage among the offers: what it has, its shares, if it is frozen; how many."""
    table, n = memory.counters[0].n_tables, 0
    memory.counters[0].n_tables = table + 1
    h = venture.first_holding
    while h != NO_HOLDING:
        v = memory.holdings[h].vehicle
        vehicle = memory.vehicles[v]
        if vehicle.table != table:
            vehicle.table = table
            vehicle.seat = seat_payer(memory, venture.stage, v, n)
            n += vehicle.seat != NEVER
        if vehicle.seat != NEVER:
            memory.offers[vehicle.seat].stake += memory.holdings[h].shares
        h = memory.holdings[h].following
    return n


@njit
def seat_payer(memory: Memory, stage: int, v: int, seat: int) -> int:
    """Give a holder this seat if it has money for the stage; returns the seat, NEVER if it has none."""
    vehicle, offer = memory.vehicles[v], memory.offers[seat]
    money = money_for_holding(vehicle, memory.purses, v, stage)
    if money <= ROUND_OFF:
        return NEVER
    offer.vehicle = v
    offer.frozen = int(is_frozen(vehicle, memory.now[0].quarter))
    offer.money = money
    offer.stake = 0.0
    return seat


@njit
def share_out(memory: Memory, n: int, amount: float) -> None:
    """What each payer that is not frozen pays: by stake, at most what it has; the rest by money left."""
    stakes = 0.0
    for seat in range(n):
        if memory.offers[seat].frozen == 0:
            stakes += memory.offers[seat].stake
    missing, left = amount, 0.0
    for seat in range(n):
        offer = memory.offers[seat]
        offer.pays = 0.0
        if offer.frozen == 0:
            offer.pays = min(offer.money, amount * offer.stake / stakes)
            missing -= offer.pays
            left += offer.money - offer.pays
    if missing > 0.0 and left > 0.0:
        for seat in range(n):
            offer = memory.offers[seat]
            if offer.frozen == 0:
                offer.pays += missing * (offer.money - offer.pays) / left


@njit
def collect(memory: Memory, era: Era, notes: Notes, venture: Any, n: int, amount: float, dilution: float) -> None:
    """Take the money against shares of a round of its own."""
    r = open_round(memory, era, venture, dilution, era.numbers[0].preference_multiple * amount)
    for seat in range(n):
        part = memory.offers[seat].pays
        if part > 0.0:
            v = memory.offers[seat].vehicle
            spend_on_holding(memory.vehicles[v], memory.purses, v, venture.stage, part)
            take_stake(memory, notes, venture, r, v, part, part / amount)
