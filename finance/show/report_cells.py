"""Numbers of any table, written by their unit: what a new measure is needs not be known to write it."""

from __future__ import annotations

from finance.show.cells import Cell, difference, level
from finance.study.values import Value

#: Unit → a measure that is written the way all values of that unit are.
_LIKE = {
    "share": "share",
    "rate a year": "pooled_irr",
    "CNY million": "amount",
    "multiple": "multiple",
}
#: Units whose differences are percentage points.
POINTS = frozenset({"share", "rate a year"})


def in_unit(unit: str, value: Value | None) -> Cell:
    """Write a value by its unit.

    Parameters
    ----------
    unit : str
        As the tables have it.
    value : Value or None
        None where the table has no such row.

    Returns
    -------
    Cell
        A dash for what does not exist.
    """
    return level(_LIKE.get(unit, unit), value)


def change_in_unit(unit: str, value: Value | None) -> Cell:
    """Write a difference by its unit, marked where it cannot be told apart from zero."""
    return difference(_LIKE.get(unit, unit), value)
