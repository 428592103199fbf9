"""The charts of a result: a tidy table in, an Altair chart out, for the report as for the app.

``scenarios`` is a list of (name, title), the baseline first. Words are those of the language of the context. What
stages and classes are called is said with ``names``; without it they go by their machine names. Nothing is drawn
for a scenario that a table does not have. ``width`` is in pixels, for all of a chart; below 480 its panels stand one
below the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from finance.language import format_list, message
from finance.show.cells import Cell, difference
from finance.show.charts_effects import differences_chart, headline_chart
from finance.show.charts_gap import causes_chart, valley_chart, years_chart
from finance.show.charts_lives import accounts_chart, fates_chart, funnel_chart, returns_chart
from finance.show.charts_style import Chart, Names, Scenarios, colours, spoken
from finance.show.report_cells import in_unit
from finance.study.values import Value, value_of, values_by

__all__ = [
    "CHARTS",
    "Chart",
    "accounts_chart",
    "alt_text",
    "causes_chart",
    "chart_note",
    "chart_title",
    "colours",
    "differences_chart",
    "fates_chart",
    "funnel_chart",
    "headline_chart",
    "returns_chart",
    "valley_chart",
    "years_chart",
]

#: Name of a chart → the table that it draws.
CHARTS = {
    "headline": "headline",
    "differences": "differences",
    "valley": "gap_by_stage",
    "causes": "gap_causes",
    "years": "gap_by_year",
    "funnel": "funnel",
    "fates": "fates",
    "returns": "returns",
    "accounts": "public_accounts",
}


def alt_text(chart_name: str, frame: pd.DataFrame, scenarios: Scenarios, *, names: Names | None = None) -> str:
    """Say in words what a chart shows: its subject and its leading numbers.

    Parameters
    ----------
    chart_name : str
        One of `CHARTS`.
    frame : DataFrame
        The table that the chart draws.
    scenarios : sequence of (name, title)
        In order; the first is the baseline.
    names : mapping of str to str, optional
        What stages and classes are called.

    Returns
    -------
    str
        A sentence or two, in the language of the context.

    Raises
    ------
    KeyError
        If there is no such chart.
    """
    numbers = _NUMBERS[chart_name](frame, scenarios, names)
    title = message(f"report.chart.{chart_name}")
    if not numbers:
        return message("report.alt.bare", title=title)
    return message("report.alt.with_numbers", title=title, numbers=message("report.alt.separator").join(numbers))


def _headline(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    found = {title: value_of(frame, scenario=name, measure="coverage") for name, title in scenarios}
    words = spoken("measure", "coverage")
    return [_of(words, _listed((title, in_unit("share", value)) for title, value in found.items()))]


def _differences(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    found = {
        title: value_of(frame, scenario=name, table="headline", measure="coverage") for name, title in scenarios[1:]
    }
    cells = {title: difference("coverage", value) for title, value in found.items() if value is not None}
    told = _listed((title, _marked(cell)) for title, cell in cells.items())
    words = message("report.with_unit", name=spoken("measure", "coverage"), unit=message("report.unit.points"))
    return [_of(words, told)]


def _valley(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    return _of_baseline(frame, scenarios, "stage", names, "CNY million", "supplied", "observed_gap", "latent_gap")


def _causes(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    first = frame[(frame["order"] == frame["order"].iloc[0]) & (frame["stage"] == "all")]
    return _of_baseline(first, scenarios, "cause", names, "share", "share")


def _years(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    told = []
    for name, title in scenarios:
        found = values_by(frame, "year", scenario=name, stage="all", measure="supplied")
        if found:
            year = max(found, key=lambda one: found[one].value)
            told.append(message("report.alt.peak", title=title, year=year, number=_money(found[year]).number))
    return told


def _funnel(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    return _of_baseline(frame, scenarios, "stage", names, "count", "entered", "funded", "succeeded")


def _fates(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    return _of_baseline(frame[frame["stage"] == "all"], scenarios, "fate", names, "count", "ventures")


def _returns(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    return _of_baseline(frame, scenarios, "class", names, "rate a year", "pooled_irr")


def _accounts(frame: pd.DataFrame, scenarios: Scenarios, names: Names | None) -> list[str]:
    sums = frame.groupby(["scenario", "measure"])["value"].sum()
    told = []
    for name, title in scenarios:
        parts = [
            (spoken("measure", measure), _money(Value(float(sums[name, measure]))))
            for measure in ("outlay", "receipt")
            if (name, measure) in sums.index
        ]
        told += [_of(title, _listed(parts))] if parts else []
    return told


_NUMBERS: dict[str, Callable[[pd.DataFrame, Scenarios, Names | None], list[str]]] = {
    "headline": _headline,
    "differences": _differences,
    "valley": _valley,
    "causes": _causes,
    "years": _years,
    "funnel": _funnel,
    "fates": _fates,
    "returns": _returns,
    "accounts": _accounts,
}


def _of_baseline(
    frame: pd.DataFrame, scenarios: Scenarios, kind: str, names: Names | None, unit: str, *measures: str
) -> list[str]:
    """The values of the baseline, a part for each measure."""
    name, title = scenarios[0]
    told = []
    for measure in measures:
        found = values_by(frame, kind, scenario=name, measure=measure)
        parts = [
            (spoken(kind, label, names), _money(value) if unit == "CNY million" else in_unit(unit, value))
            for label, value in found.items()
            if label != "all" and value.value != 0.0
        ]
        both = message("report.alt.both", title=title, name=spoken("measure", measure))
        told += [_of(title if len(measures) == 1 else both, _listed(parts))] if parts else []
    return told


def _money(value: Value) -> Cell:
    """An amount with its unit, as there is no axis to say it."""
    return Cell(message("language.money", amount=in_unit("CNY million", value).number))


def _marked(cell: Cell) -> Cell:
    """A difference that says in words what its mark says."""
    return Cell(message("report.alt.unclear", number=cell.number)) if cell.mark else cell


def _listed(parts: Iterable[tuple[str, Cell]]) -> str:
    return format_list(message("report.alt.number", name=name, number=cell.number) for name, cell in parts)


def _of(heading: str, numbers: str) -> str:
    return message("report.alt.of", heading=heading, numbers=numbers)


def chart_title(chart_name: str) -> str:
    """Return the heading of a chart, in the language of the context."""
    return message(f"report.chart.{chart_name}")


def chart_note(chart_name: str) -> str:
    """Return what one has to know to read a chart, in the language of the context."""
    return message(f"report.note.{chart_name}")
