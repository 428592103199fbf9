"""Numbers with their interval as a terminal's table shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from finance.language import format_multiple, format_number, format_share
from finance.study.values import Value, in_money_unit

#: Marks a difference whose interval covers zero, or is not known.
UNCLEAR = "?"

_MONEY = frozenset(
    {"asked", "supplied", "observed_gap", "latent_gap", "total_gap", "overinvestment", "amount", "bridge"}
    | {"social_value", "twin_social_value", "budget_cost", "economic_cost", "potential_demand"}
    | {"cost_per_additional_company", "cost_per_coverage_point", "unspent", "budget_cost_p95", "economic_cost_p95"}
    | {"lent", "repaid", "lost", "claims", "fees", "margin"}
)
_SHARES = frozenset(
    {"coverage", "coverage_rounds", "coverage_value", "conditional_coverage", "gap_ratio", "share"}
    | {"pooled_irr", "loss_probability", "residual", "pilot_error", "public_share", "loss_share", "margin_share"}
)
#: An interval whose shorter side is at least this part of the longer one is written with ±, and the longer side.
_EVEN = 0.9

_MULTIPLES = frozenset({"multiple", "value_ratio", "accounting_leverage"})


@dataclass(frozen=True)
class Cell:
    """A number as text.

    Attributes
    ----------
    number : str
        The value.
    margin : str
        Half its interval, or both ends where it is lopsided; empty where there is no interval.
    mark : str
        `UNCLEAR`, or empty.
    """

    number: str
    margin: str = ""
    mark: str = ""


def is_share(measure: str) -> bool:
    """Whether a measure is a share or a rate, so that its differences are points."""
    return measure in _SHARES


def level(measure: str, value: Value | None) -> Cell:
    """Write the value of a measure.

    Parameters
    ----------
    measure : str
        Machine name; says whether it is money, a share, a multiple or a plain number.
    value : Value or None
        None where the table has no such row.

    Returns
    -------
    Cell
        A dash for what does not exist.
    """
    if measure in _SHARES:
        return _cell(_in_unit(measure, value), _percentage, least=1)
    if measure in _MULTIPLES:
        return _cell(value, _multiple, least=2)
    return _cell(_in_unit(measure, value), _number)


def difference(measure: str, value: Value | None) -> Cell:
    """Write a difference of a measure, shares in points, with a mark where it cannot be told apart from zero.

    Parameters
    ----------
    measure, value
        As in `level`.

    Returns
    -------
    Cell
        A zero that is zero in every path has no mark.
    """

    def written(number: float, digits: int | None) -> str:
        return format_number(number, digits=digits, signed=True)

    cell = _cell(_in_unit(measure, value), written, least=1 if measure in _SHARES else None)
    is_clear = value is None or not value.exists or value.is_clear or value.is_nothing
    return cell if is_clear else Cell(cell.number, cell.margin, UNCLEAR)


def _in_unit(measure: str, value: Value | None) -> Value | None:
    """Return a value in the unit that is written: percent, the language's unit of money, or its own."""
    if value is None:
        return None
    if measure in _SHARES:
        return value.times(100.0)
    return in_money_unit(value) if measure in _MONEY else value


def _number(number: float, digits: int | None) -> str:
    return format_number(number, digits=digits)


def _percentage(number: float, digits: int | None) -> str:
    return format_share(number / 100.0, digits=digits or 1)


def _multiple(number: float, digits: int | None) -> str:
    return format_multiple(number, digits=digits or 2)


def _cell(shown: Value | None, written: Callable[[float, int | None], str], least: int | None = None) -> Cell:
    if shown is None or not shown.exists:
        return Cell("–")
    digits = shown.decimals(fine=True)
    if digits is None:
        return Cell(written(shown.value, least))
    digits = max(digits, least or 0)
    up, down = shown.high - shown.value, shown.value - shown.low
    if min(up, down) >= _EVEN * max(up, down):
        return Cell(written(shown.value, digits), f"±{format_number(max(up, down), digits=digits)}")
    low, high = (format_number(end, digits=digits) for end in (shown.low, shown.high))
    return Cell(written(shown.value, digits), f"[{low}, {high}]")
