"""The tables behind the pictures, laid out for reading: a column a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from finance.language import message
from finance.pages.words import message_or
from finance.show.cells import Cell
from finance.show.charts_style import Names, drawn_unit, spoken
from finance.show.report_cells import change_in_unit, in_unit
from finance.study.values import Value

if TYPE_CHECKING:
    import pandas as pd

#: Columns that are neither a label nor a scenario.
_NO_LABEL = frozenset({"scenario", "baseline", "value", "low", "high", "unit", "variance_ratio"})


def readable(frame: pd.DataFrame, titles: Mapping[str, str], names: Names) -> pd.DataFrame:
    """Lay a tidy table out for reading.

    Parameters
    ----------
    frame : DataFrame
        A row a value.
    titles : mapping of str to str
        Scenario → what it is called, in the order of the columns.
    names : mapping of str to str
        What stages, classes and instruments are called.

    Returns
    -------
    DataFrame
        A row for each set of labels, a column for each scenario with the value and its interval as text.
    """
    import pandas as pd

    labels = [name for name in frame.columns if name not in _NO_LABEL and frame[name].notna().any()]
    is_difference = "variance_ratio" in frame.columns or "effect" in frame.columns
    write = change_in_unit if is_difference else in_unit
    rows: dict[tuple[object, ...], dict[str, str]] = {}
    columns = [frame[name].tolist() for name in (*labels, "scenario", "unit", "value", "low", "high")]
    for *own, scenario, unit, value, low, high in zip(*columns, strict=True):
        if scenario not in titles:
            continue
        unit_words = drawn_unit(unit, is_difference=is_difference)[1]
        words = [_label(kind, label, names) for kind, label in zip(labels, own, strict=True)]
        cell = write(unit, Value(*map(_number, (value, low, high))))
        rows.setdefault((*words, unit_words), {})[titles[scenario]] = _written(cell)
    headings = [*(message_or(f"pages.label.{name}", name) for name in labels), message("pages.label.unit")]
    present = [title for title in titles.values() if any(title in row for row in rows.values())]
    return pd.DataFrame(
        [[*key, *(row.get(title, "–") for title in present)] for key, row in rows.items()],
        columns=[*headings, *present],
    )


def _label(kind: str, label: object, names: Names) -> object:
    if label is None or label != label:  # not a number: the row has no such label
        return "–"
    return int(label) if isinstance(label, float) else label if isinstance(label, int) else spoken(
        kind, str(label), names
    )  # fmt: skip


def _number(number: object) -> float:
    return float("nan") if number is None else float(number)  # type: ignore[arg-type]


def _written(cell: Cell) -> str:
    return " ".join(part for part in (cell.number, cell.margin, cell.mark) if part)


def rows_of(frame: pd.DataFrame, labels: Mapping[str, Iterable[str]]) -> pd.DataFrame:
    """Return the rows whose labels are among those given."""
    for column, wanted in labels.items():
        if column in frame.columns:
            frame = frame[frame[column].isin(list(wanted))]
    return frame
