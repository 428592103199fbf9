"""Reading single values, with their intervals, out of the tidy tables of a result."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finance.language import money_unit

if TYPE_CHECKING:
    import pandas as pd

#: Decimals beyond which nobody reads, however narrow the interval.
_MOST_DECIMALS = 4


@dataclass(frozen=True)
class Value:
    """A value of a table with its 95 % interval.

    Attributes
    ----------
    value : float
        NaN where the value does not exist.
    low, high : float
        NaN where there is no interval: one path alone, or nothing simulated.
    """

    value: float
    low: float = math.nan
    high: float = math.nan

    @property
    def exists(self) -> bool:
        """Whether there is a value at all."""
        return not math.isnan(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether the interval is known."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    @property
    def is_exact(self) -> bool:
        """Whether the value is the same in every path, so that its interval is a point."""
        return self.has_interval and math.isclose(self.low, self.high, rel_tol=1e-12)

    @property
    def is_clear(self) -> bool:
        """Whether the value can be told apart from zero: its interval is known and leaves zero out."""
        return self.has_interval and (self.low > 0.0 or self.high < 0.0)

    @property
    def is_nothing(self) -> bool:
        """Whether the value is zero in every path."""
        return self.low == 0.0 and self.high == 0.0

    @property
    def half(self) -> float:
        """Half the width of the interval; NaN where there is none."""
        return (self.high - self.low) / 2.0

    def size(self) -> Value:
        """Return the value without its sign; the interval is turned with it."""
        return self if not self.value < 0.0 else Value(-self.value, -self.high, -self.low)

    def overlaps(self, other: Value) -> bool:
        """Whether the two intervals have a point in common; unknown intervals may."""
        if not (self.has_interval and other.has_interval):
            return True
        return self.low <= other.high and other.low <= self.high

    def times(self, factor: float) -> Value:
        """Return the value in another unit.

        Parameters
        ----------
        factor : float
            Above 0.
        """
        return Value(self.value * factor, self.low * factor, self.high * factor)

    def decimals(self, *, fine: bool = False) -> int | None:
        """Return the decimals that the interval leaves meaning to: its half-width shows one digit.

        One more, or two, where an end would be written as the zero that it leaves out.

        Parameters
        ----------
        fine : bool
            Whether a half-width that begins with a one shows two digits: 0.1 may stand for 0.05 as well as 0.15.

        Returns
        -------
        int or None
            0 to 4; None where there is no interval or it is a point.
        """
        if not self.has_interval or self.is_exact:
            return None
        # Rounded first: a half-width of 0.0996 is written 0.1.
        half = float(f"{self.half:.0e}")
        leading = math.floor(math.log10(half))
        if fine and float(f"{self.half:.1e}") < 2.0 * 10.0**leading:
            leading -= 1
        digits = min(_MOST_DECIMALS, max(0, -leading))
        near = min(abs(self.low), abs(self.high))
        while self.is_clear and round(near, digits) == 0.0 and digits < _MOST_DECIMALS:
            digits += 1
        return digits


def in_money_unit(value: Value) -> Value:
    """Return an amount of CNY million in the unit in which the language of the context writes money."""
    return value.times(1.0 / money_unit())


def select(frame: pd.DataFrame | None, **labels: object) -> pd.DataFrame | None:
    """Return the rows of a table that have all the labels.

    Parameters
    ----------
    frame : DataFrame or None
        A table, or None for one that the result does not have.
    **labels
        Column → label.

    Returns
    -------
    DataFrame or None
        None where there is no such row, or the table lacks one of the columns.
    """
    if frame is None or not set(labels) <= set(frame.columns):
        return None
    for column, label in labels.items():
        frame = frame[(frame[column] == label).fillna(False)]
    return None if frame.empty else frame


def value_of(frame: pd.DataFrame | None, **labels: object) -> Value | None:
    """Return the only value of a table that has all the labels.

    Parameters
    ----------
    frame : DataFrame or None
        As in `select`.
    **labels
        Column → label; they single out one row.

    Returns
    -------
    Value or None
        None where there is no such row.

    Raises
    ------
    LookupError
        If several rows have the labels.
    """
    rows = select(frame, **labels)
    if rows is None:
        return None
    if len(rows) > 1:
        raise LookupError(f"{len(rows)} rows have the labels {labels}")
    return _values(rows)[0]


def values_by(frame: pd.DataFrame | None, dimension: str, **labels: object) -> dict[str, Value]:
    """Return the values of a table that have all the labels, by their label in one more dimension.

    Parameters
    ----------
    frame : DataFrame or None
        As in `select`.
    dimension : str
        Column that tells the values apart.
    **labels
        Column → label.

    Returns
    -------
    dict of str to Value
        In the order of the table; empty where there is no such row. Rows whose value does not exist are
        left out.
    """
    rows = select(frame, **labels)
    if rows is None or dimension not in rows.columns:
        return {}
    found = zip(rows[dimension].tolist(), _values(rows), strict=True)
    return {str(label): value for label, value in found if value.exists}


def highest(values: dict[str, Value]) -> list[str]:
    """Return the label of the highest value and those of all that cannot be told apart from it.

    Parameters
    ----------
    values : dict of str to Value
        Values by label.

    Returns
    -------
    list of str
        The highest first, then those whose interval overlaps its interval, from high to low. That is more
        careful than the interval of the difference, which a table of one scenario does not have.
    """
    return _leading(values, sorted(values, key=lambda label: -values[label].value))


def lowest(values: dict[str, Value]) -> list[str]:
    """Return the label of the lowest value, then those that cannot be told apart from it, as `highest`."""
    return _leading(values, sorted(values, key=lambda label: values[label].value))


def _leading(values: dict[str, Value], order: Iterable[str]) -> list[str]:
    ranked = list(order)
    return [label for label in ranked if label == ranked[0] or values[label].overlaps(values[ranked[0]])]


def _values(rows: pd.DataFrame) -> list[Value]:
    columns = (rows[name].astype("float64").tolist() for name in ("value", "low", "high"))
    return [Value(*numbers) for numbers in zip(*columns, strict=True)]
