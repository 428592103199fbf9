"""What rounds and bridges cost beside what vehicles pay: places on platforms, measures of support."""

from __future__ import annotations

from typing import Any

from finance.compiling import njit
from finance.market.packed import Era
from finance.market.records import CASH_IN, NEVER, Notes
from finance.market.state import Memory
from finance.market.support import PER_ROUND, PER_UNIT


@njit
def note_cash(memory: Memory, era: Era, notes: Notes, venture: Any, cash: float) -> None:
    """So much has come in from vehicles and banks: with what the public pays to it, it is spent."""
    if venture.cohort == NEVER:
        return
    k, i, now = venture.sector, venture.stage, memory.now[0]
    notes.social[CASH_IN] += cash * era.cells[k, i].gross * now.present
    for m in range(notes.support_cost.shape[1]):
        notes.support_cost[now.quarter, m] += cash * era.support_costs[k, i, m, PER_UNIT]


@njit
def note_public_cost(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """A round has closed: a place on a platform is used, measures have done their work, and the public pays for it."""
    if venture.cohort == NEVER:
        return
    k, i, now = venture.sector, venture.stage, memory.now[0]
    notes.platform_cost[now.quarter] += era.cells[k, i].place_cost
    for m in range(notes.support_cost.shape[1]):
        notes.support_cost[now.quarter, m] += era.support_costs[k, i, m, PER_ROUND]
    notes.social[CASH_IN] += era.cells[k, i].public_cost * now.present
