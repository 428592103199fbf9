"""How ventures end: exits, sales in distress, death."""

from __future__ import annotations

import math
from typing import Any

from finance import luck
from finance.compiling import njit
from finance.market.borrowing import settle_loan
from finance.market.causes import is_kept_out_by_freeze
from finance.market.company_tax import tax_saved
from finance.market.holdings import pay_out
from finance.market.lookup import founders_price, fresh_value
from finance.market.packed import Era
from finance.market.records import (
    DISTRESS_SALE,
    EFFICIENT_REJECTION,
    FROZEN,
    IPO,
    NEVER,
    PROCEEDS,
    SELF_SUSTAINING,
    STARVED,
    TRADE_SALE,
    Notes,
)
from finance.market.state import ACTIVE, EXITING, GONE, Memory, free_slot


@njit
def who(venture: Any) -> int:
    """The venture as an owner of luck."""
    return luck.entrant_code(venture.year, venture.ordinal)


@njit
def exit_value_of(rules: Any, sector: Any, quality: float, u: float) -> float:
    """What a venture turns out to be worth behind its last milestone, at index 1."""
    cut = 0.5 * math.erfc(rules.truncation_sd / math.sqrt(2.0))
    z = luck.normal_quantile(cut + (1.0 - 2.0 * cut) * u)
    return math.exp(sector.exit_log_median + sector.quality_log_value * quality + sector.exit_log_sd * z)


@njit
def reach_exit(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """The last milestone is passed: the value of the company shows, and it is looked at for an exit at once."""
    rules, now, sector = era.numbers[0], memory.now[0], era.sectors[venture.sector]
    w0, w1, _, _ = luck.philox(now.path, who(venture), luck.slot(sector.sector_code, 0), luck.EXIT, now.key0, now.key1)
    venture.exit_value = exit_value_of(rules, sector, venture.quality, luck.uniform(w0))
    trials = luck.geometric_quantile(luck.uniform(w1), rules.trade_sale_probability)
    venture.buyer_quarter = now.quarter + trials - 1
    venture.status = EXITING
    if venture.exit_value < rules.trade_floor:
        end(venture, SELF_SUSTAINING, 0.0)
    else:
        look_for_exit(memory, era, notes, venture)


@njit
def look_for_exit(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """A listing if the window is open and the floor passed, else a trade sale once a buyer is there, else wait."""
    rules, now, value = era.numbers[0], memory.now[0], venture.exit_value
    price = value * now.index * memory.sector_factor[venture.sector]
    may_list = value >= rules.ipo_floor
    if may_list and now.window != 0:
        venture.tax_asset = tax_saved(memory, era, notes, venture, price, 1.0)
        end(venture, IPO, price + venture.tax_asset)
    elif (not may_list or rules.ipo_waits == 0) and now.quarter >= venture.buyer_quarter:
        price *= 1.0 - rules.trade_sale_discount
        venture.tax_asset = tax_saved(memory, era, notes, venture, price, rules.transferable_share)
        end(venture, TRADE_SALE, price + venture.tax_asset)


@njit
def lapse(memory: Memory, era: Era, venture: Any) -> None:
    """Nobody closed the round within the search: a distress sale, or the end."""
    rules, now, cell = era.numbers[0], memory.now[0], era.cells[venture.sector, venture.stage]
    fate, price = EFFICIENT_REJECTION, 0.0
    w0, w1, _, _ = luck.philox(now.path, who(venture), luck.slot(cell.stage_code, 0), luck.DISTRESS, now.key0, now.key1)
    if luck.uniform(w0) < rules.distress_probability:
        recovery = rules.distress_low + (rules.distress_high - rules.distress_low) * luck.uniform(w1)
        going = fresh_value(era.by_signal, venture, now.index, 0) - venture.asks
        price = min(recovery * venture.spent - venture.owed, going)
        venture.recovered = recovery * venture.spent if going > 0.0 else 0.0
    if price > 0.0:
        fate = DISTRESS_SALE
    elif venture.worthwhile != 0:
        is_frozen = is_kept_out_by_freeze(memory, era, venture, founders_price(rules, venture, venture.asks))
        fate = FROZEN if is_frozen else STARVED
    end(venture, fate, max(0.0, price))


@njit
def end(venture: Any, fate: int, price: float) -> None:
    """The venture is gone, sold as a whole for a price, which may be nothing; `settle_ended` sees to the money."""
    venture.status = GONE
    venture.fate = fate
    venture.price = price


@njit
def settle_ended(memory: Memory, era: Era, notes: Notes) -> None:
    """At the end of the quarter those who held ventures that are gone get their part; their slots are free again."""
    counters, kept = memory.counters[0], 0
    for position in range(counters.n_active):
        slot = memory.slots[ACTIVE, position]
        venture = memory.ventures[slot]
        if venture.status == GONE:
            settle_loan(memory, notes, venture)
            pay_out(memory, era, notes, venture)
            note_end(notes, venture, memory.now[0])
            free_slot(memory, slot)
        else:
            memory.slots[ACTIVE, kept] = slot
            kept += 1
    counters.n_active = kept


@njit
def note_end(notes: Notes, venture: Any, now: Any) -> None:
    """Write down how, where and when a venture ended."""
    row = venture.cohort
    if row == NEVER:
        return
    notes.social[PROCEEDS] += (venture.price - venture.tax_asset) * now.present
    notes.ventures[row].fate = venture.fate
    notes.ventures[row].fate_stage = venture.stage
    notes.ventures[row].end_quarter = now.quarter
    if notes.rounds[row, venture.stage].left == NEVER:
        notes.rounds[row, venture.stage].left = now.quarter
