"""The tables of a report: whatever a table of the run holds, a column a scenario, rows and sections by name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from finance.language import format_number, message
from finance.scenario import assumption_share
from finance.show.cells import Cell, level
from finance.show.charts_style import Names, drawn_unit, spoken
from finance.show.grid import Column, Grid
from finance.show.grids import Compared
from finance.show.names import class_names, measure_names, scenario_names, stage_names
from finance.show.report_cells import change_in_unit, in_unit
from finance.study.values import Value, select, values_by

_MISSING = Cell("–")
_ALL = "all"
#: Of the machinery, not of the world: in the exported tables only.
_NOT_SHOWN = frozenset({"ventures_simulated"})


def words_of(run: Compared) -> dict[str, Names]:
    """Return what stages, classes and instruments are called: an instrument by the class that it pays into, or itself."""
    stages: dict[str, str] = {}
    classes: dict[str, str] = {}
    measures: dict[str, str] = {}
    for scenario in (run.baseline, *run.others):
        stages = stage_names(scenario) | stages
        classes = class_names(scenario) | classes
        measures = measure_names(scenario) | measures
    stages[_ALL] = message("report.all")
    return {"stage": stages, "class": classes, "instrument": measures | classes}


def titles_of(run: Compared) -> list[tuple[str, str]]:
    """Return (name, title) of each scenario, the baseline first."""
    titles = scenario_names(run.scenarios)
    ordered = (run.baseline, *run.others)
    return [(one.name, titles[one.name]) for one in ordered]


def headline_table(run: Compared) -> Grid:
    """Lay out every measure of the headline."""
    return plain_table(run, "headline")


def plain_table(run: Compared, name: str) -> Grid:
    """Lay out a table that has no dimension: a row a measure, a column a scenario."""
    table = run.tables[name]
    return _filled(
        message(f"report.table.{name}"),
        [(measure, _with_unit(measure, unit)) for measure, unit in _measures(table)],
        [
            (
                title,
                {one: (unit, values_by(table, "measure", scenario=own).get(one)) for one, unit in _measures(table)},
            )
            for own, title in titles_of(run)
        ],
    )


def differences_table(run: Compared) -> Grid:
    """Lay out differences from the baseline: the headline, what it costs, and coverage by stage once there."""
    table = run.tables["differences"]
    words = words_of(run)
    headline = _measures(table[table["table"] == "headline"])
    versus = _measures(run.tables.get("versus"))
    stages = _labels(select(table, table="gap_by_stage", measure="conditional_coverage"), "stage")
    labels = [_with_unit(one, unit, is_difference=True) for one, unit in headline]
    labels += [_with_unit(one, unit) for one, unit in versus]
    labels += [spoken("stage", stage, words["stage"]) for stage in stages]
    grid = Grid(message("report.table.differences", baseline=titles_of(run)[0][1]), labels)
    starts = (0, len(headline), len(headline) + len(versus))
    names = ("headline", "versus", "conditional_coverage")
    grid.sections = {start: message(f"show.section.{name}") for start, name in zip(starts, names, strict=True)}
    for name, title in titles_of(run)[1:]:
        rows = select(table, scenario=name)
        changes = values_by(select(rows, table="headline"), "measure")
        ratios = values_by(run.tables.get("versus"), "measure", scenario=name)
        moved = values_by(rows, "stage", table="gap_by_stage", measure="conditional_coverage")
        cells = [change_in_unit(unit, changes.get(one)) for one, unit in headline]
        cells += [change_in_unit(unit, ratios.get(one)) for one, unit in versus]
        cells += [change_in_unit("share", moved.get(stage)) for stage in stages]
        grid.columns.append(Column(title, cells))
    grid = without_empty(grid)
    if any(cell.mark for column in grid.columns for cell in column.cells):
        grid.note = message("show.unclear_legend")
    return grid


def by_measure(run: Compared, name: str, dimension: str, measures: Sequence[str] = (), **labels: object) -> Grid:
    """Lay out a table of one dimension: a section a measure, a row a label, a column a scenario.

    Parameters
    ----------
    run : Compared
        What was found.
    name, dimension : str
        Of the table.
    measures : sequence of str
        In order; those that the table does not have are left out. All of its own, if none are given.
    **labels
        Further dimension → label: the part of the table that is meant.

    Returns
    -------
    Grid
        Rows that are nothing everywhere are left out.
    """
    table = select(run.tables.get(name), **labels)
    names = words_of(run).get(dimension)
    own = dict(_measures(table))
    chosen = [one for one in measures or own if one in own]
    rows = _labels(table, dimension)
    grid = Grid(message(f"report.table.{name}"), [spoken(dimension, one, names) for one in rows] * len(chosen))
    grid.sections = {place * len(rows): _with_unit(one, own[one]) for place, one in enumerate(chosen)}
    for scenario, title in titles_of(run):
        found = {one: values_by(table, dimension, scenario=scenario, measure=one) for one in chosen}
        grid.columns.append(Column(title, [in_unit(own[one], found[one].get(row)) for one in chosen for row in rows]))
    return without_empty(grid)


def causes_table(run: Compared, order: str) -> Grid:
    """Lay out the causes of the observed gap in one order of taking them away: a section a stage, a row a cause."""
    table = select(run.tables.get("gap_causes"), order=order, measure="share")
    stages, causes = _labels(table, "stage"), _labels(table, "cause")
    names = words_of(run)["stage"]
    grid = Grid(message("report.table.causes", order=spoken("order", order, inside=True)), [])
    grid.labels = [spoken("cause", cause) for cause in causes] * len(stages)
    grid.sections = {place * len(causes): spoken("stage", stage, names) for place, stage in enumerate(stages)}
    for scenario, title in titles_of(run):
        found = {stage: values_by(table, "cause", scenario=scenario, stage=stage) for stage in stages}
        cells = [in_unit("share", found[stage].get(cause)) for stage in stages for cause in causes]
        grid.columns.append(Column(title, cells))
    return without_empty(grid, nothing=True)


def sums_table(run: Compared, name: str, dimension: str) -> Grid:
    """Lay out sums over all years of a table by year: a section a measure, a row a label; sums have no interval."""
    table = run.tables[name]
    summed = table.groupby(["scenario", dimension, "measure", "unit"], sort=False, as_index=False)["value"].sum()
    without = summed.assign(low=float("nan"), high=float("nan"))
    grid = by_measure(Compared({name: without}, run.scenarios, run.baseline), name, dimension)
    zeros = {_MISSING, Cell("0")}
    return without_empty(grid, zeros=zeros)


def change_table(run: Compared) -> Grid:
    """Lay out what widened or narrowed the gap at each stage: other ventures worth funding, or other funding."""
    table = run.tables["gap_change"]
    names = words_of(run)["stage"]
    stages, effects = _labels(table, "stage"), _labels(table, "effect")
    grid = Grid(message("report.table.gap_change"), [spoken("stage", one, names) for one in stages] * len(effects))
    grid.sections = {
        place * len(stages): message(
            "report.with_unit", name=spoken("effect", effect), unit=drawn_unit("CNY million")[1]
        )
        for place, effect in enumerate(effects)
    }
    for scenario, title in titles_of(run)[1:]:
        found = {one: values_by(table, "stage", scenario=scenario, effect=one) for one in effects}
        cells = [change_in_unit("CNY million", found[one].get(stage)) for one in effects for stage in stages]
        grid.columns.append(Column(title, cells))
    grid = without_empty(grid)
    if any(cell.mark for column in grid.columns for cell in column.cells):
        grid.note = message("show.unclear_legend")
    return grid


def equilibrium_table(run: Compared) -> Grid:
    """Lay out how each solve ended: a section a scenario, a row a start, a column a measure."""
    table = run.tables["equilibrium"]
    starts = _labels(table, "start")
    titles = titles_of(run)
    grid = Grid(message("report.table.equilibrium"), [spoken("start", start) for start in starts] * len(titles))
    grid.sections = {place * len(starts): title for place, (_, title) in enumerate(titles)}
    for measure, unit in _measures(table):
        cells = []
        for scenario, _ in titles:
            found = values_by(table, "start", scenario=scenario, measure=measure)
            cells += [in_unit(unit, found.get(start)) for start in starts]
        grid.columns.append(Column(spoken("measure", measure), cells))
    grid = without_empty(grid)
    grid.note = message("show.equilibrium_legend")
    return grid


def assumptions_table(run: Compared) -> Grid:
    """Lay out how many of each scenario's inputs are assumptions."""
    grid = Grid(message("report.table.assumptions"), [])
    counts = []
    for name, title in titles_of(run):
        scenario = next(one for one in run.scenarios if one.name == name)
        grid.labels.append(title)
        counts.append(assumption_share(scenario))
    columns = {
        "stated": [Cell(format_number(stated)) for _, stated in counts],
        "assumed": [Cell(format_number(assumed)) for assumed, _ in counts],
        "assumed_share": [level("share", Value(assumed / max(stated, 1))) for assumed, stated in counts],
    }
    grid.columns = [Column(message(f"show.column.{name}"), cells) for name, cells in columns.items()]
    return grid


def without_empty(grid: Grid, *, nothing: bool = False, zeros: set[Cell] | None = None) -> Grid:
    """Leave out rows without a value, or, if so wished, with zeros only; a section without rows loses its heading."""
    empty = zeros or ({_MISSING, Cell("0"), Cell("0.0"), Cell("0.0%")} if nothing else {_MISSING})
    kept = [row for row in range(len(grid.labels)) if any(column.cells[row] not in empty for column in grid.columns)]
    starts = sorted(grid.sections)
    sections = {}
    for start, end in pairwise([*starts, len(grid.labels)]):
        first = next((place for place, row in enumerate(kept) if start <= row < end), None)
        if first is not None:
            sections[first] = grid.sections[start]
    columns = [Column(column.heading, [column.cells[row] for row in kept]) for column in grid.columns]
    return Grid(grid.title, [grid.labels[row] for row in kept], columns, sections, grid.note)


def _filled(
    title: str,
    rows: list[tuple[str, str]],
    columns: list[tuple[str, dict[str, tuple[str, Value | None]]]],
) -> Grid:
    grid = Grid(title, [label for _, label in rows])
    for heading, found in columns:
        grid.columns.append(Column(heading, [in_unit(*found[key]) for key, _ in rows]))
    return without_empty(grid)


def _measures(table: pd.DataFrame | None) -> list[tuple[str, str]]:
    """The measures of a table with their units, in its order."""
    if table is None or table.empty:
        return []
    each = table[~table["measure"].isin(_NOT_SHOWN)].drop_duplicates("measure")
    return list(zip(each["measure"].astype(str), each["unit"].astype(str), strict=True))


def _labels(table: pd.DataFrame | None, dimension: str) -> list[str]:
    """The labels of a dimension in the table's order, the total last."""
    if table is None or dimension not in table:
        return []
    labels = list(dict.fromkeys(table[dimension].dropna().astype(str)))
    return sorted(labels, key=lambda label: label == _ALL)


def _with_unit(measure: str, unit: str, *, is_difference: bool = False) -> str:
    name = spoken("measure", measure)
    if unit in ("share", "rate a year") and not is_difference:
        return name  # each number has its sign
    if unit in ("count", "multiple", "ratio"):
        return name
    return message("report.with_unit", name=name, unit=drawn_unit(unit, is_difference=is_difference)[1])
