"""Loans beside rounds: taken when a round has closed, repaid out of the next, lost where a venture ends before it."""

from __future__ import annotations

from typing import Any

from finance.compiling import njit
from finance.market.packed import Era
from finance.market.records import ACQUISITION, NEVER, PROCEEDS, Notes
from finance.market.state import Memory
from finance.policy.credit import FEE, LENT, LOST, REPAID


@njit
def borrow(memory: Memory, era: Era, notes: Notes, venture: Any) -> float:
    """A round has closed: what was owed is repaid, the stage's loan comes in. Returns the cash beside the round's."""
    k, i, quarter = venture.sector, venture.stage, memory.now[0].quarter
    cell, repaid = era.cells[k, i], venture.owed
    if venture.cohort != NEVER:
        notes.credit[quarter, REPAID] += repaid
        notes.credit[quarter, LENT] += cell.lent
        notes.credit[quarter, FEE] += cell.loan_fee
    venture.owed = era.cells[k, cell.next_stage].owed if cell.lent > 0.0 else 0.0
    return float(cell.lent - repaid)


@njit
def settle_loan(memory: Memory, notes: Notes, venture: Any) -> None:
    """A venture is gone that owes a bank: who buys it whole pays, a sale in distress pays the bank first."""
    owed = venture.owed
    if owed <= 0.0:
        return
    now, repaid = memory.now[0], min(owed, venture.recovered)
    if venture.fate == ACQUISITION:
        repaid = owed
    if venture.cohort != NEVER:
        notes.credit[now.quarter, REPAID] += repaid
        notes.credit[now.quarter, LOST] += owed - repaid
        notes.social[PROCEEDS] += repaid * now.present
