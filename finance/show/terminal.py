"""A result on the terminal: the plain sentences, the tables they come from, and how to get it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from finance.language import format_number, message
from finance.scenario import Scenario, assumption_share
from finance.show.cells import Cell, bare_share, difference, is_share, level
from finance.show.grid import Column, Grid
from finance.show.names import class_names, scenario_names, short_stage_names, stage_names
from finance.show.wrapping import wrapped
from finance.study.sentence import sentences
from finance.study.values import Value, select, value_of, values_by

if TYPE_CHECKING:
    import pandas as pd

_HEADLINE = (
    *("coverage", "coverage_rounds", "coverage_value", "gap_ratio", "total_gap", "overinvestment"),
    *("exits", "social_value", "budget_cost", "economic_cost"),
)
_BY_STAGE = ("coverage", "conditional_coverage", "observed_gap", "latent_gap", "total_gap")
_CAUSES = (
    *("capacity", "accountability", "investor_tax", "horizon", "required_return"),
    *("financing_risk", "mandate", "founders", "other"),
)
_FUNNEL = ("entered", "funded", "succeeded", "median_years_in_stage")
_FATES = (
    *("technical", "starved", "impatience", "frozen", "efficient_rejection"),
    *("ipo", "trade_sale", "acquisition", "distress_sale", "redemption", "self_sustaining", "alive"),
)
_RETURNS = ("pooled_irr", "multiple", "loss_probability", "value_ratio")
_STARTS = ("baseline", "optimistic", "pessimistic")
_SOLVING = ("iterations", "residual", "gap_ratio", "pilot_error")

Written = Callable[[str, Value | None], Cell]


@dataclass(frozen=True)
class RunFacts:
    """What a result came from, and what to type for the same again.

    Attributes
    ----------
    run : str
        Its id.
    paths, seed : int
        What was asked.
    seconds : float or None
        How long it took; None for one that was read from the store.
    command : str
        A command line.
    """

    run: str
    paths: int
    seed: int
    seconds: float | None
    command: str


@dataclass(frozen=True)
class Result:
    """What a simulation or a comparison found.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        As in ``Outcome.tables`` and ``Study.tables``.
    scenarios : tuple of Scenario
        In the order in which they are shown.
    baseline : Scenario
        One of them.
    facts : RunFacts
        Where it came from.
    """

    tables: Mapping[str, pd.DataFrame]
    scenarios: tuple[Scenario, ...]
    baseline: Scenario
    facts: RunFacts

    @property
    def others(self) -> tuple[Scenario, ...]:
        """The scenarios that are compared with the baseline."""
        return tuple(one for one in self.scenarios if one.name != self.baseline.name)


def show_result(console: Console, result: Result) -> None:
    """Print a result.

    Parameters
    ----------
    console : Console
        Where to; its width decides how many columns a table has.
    result : Result
        What was found. A table or row that it does not have is left out.
    """
    _show_sentences(console, result)
    for grid in _grids(result):
        grid.show(console)
    _show_facts(console, result.facts)


def _grids(result: Result) -> Iterable[Grid]:
    yield _headline(result)
    if result.others:
        yield _differences(result)
    for scenario in result.scenarios:
        yield _stages(result, scenario)
    for scenario in result.scenarios:
        yield _causes(result, scenario)
    yield _ventures(result)
    for scenario in result.scenarios:
        yield _returns(result, scenario)
    yield _equilibrium(result)
    yield _inputs(result)


def _show_sentences(console: Console, result: Result) -> None:
    spoken = sentences(
        result.tables,
        [one.name for one in result.scenarios],
        result.baseline.name,
        scenario_names=scenario_names(result.scenarios),
        stage_names=stage_names(result.baseline),
    )
    for sentence in spoken.values():
        _say(console, sentence)
        console.print()
    legend = "show.legend" if result.facts.paths > 1 else "show.legend_one_path"
    _say(console, message(legend), style="dim")


def _show_facts(console: Console, facts: RunFacts) -> None:
    values = {
        "run": facts.run,
        "paths": format_number(facts.paths),
        "seed": str(facts.seed),
    }
    console.print()
    if facts.seconds is None:
        _say(console, message("show.run_stored", **values))
    else:
        digits = 1 if facts.seconds < 100.0 else 0
        _say(console, message("show.run", **values, seconds=format_number(facts.seconds, digits=digits)))
    # On one line however long, so that it can be copied.
    console.print(Text(message("show.again", command=facts.command)), soft_wrap=True)


def _say(console: Console, text: str, style: str = "") -> None:
    for line in wrapped(text, console.width):
        console.print(Text(line, style=style))


def _headline(result: Result) -> Grid:
    table = result.tables.get("headline")
    grid = Grid(message("show.title.headline"), [_measure(name) for name in _HEADLINE])
    for scenario in result.scenarios:
        grid.columns.append(_column(scenario.name, table, _HEADLINE, level, scenario=scenario.name))
    return _without_empty_rows(grid)


def _differences(result: Result) -> Grid:
    """Differences of the headline measures, then those of conditional coverage by stage."""
    table = result.tables.get("differences")
    names = stage_names(result.baseline)
    labels = [_measure(name, is_difference=True) for name in _HEADLINE]
    labels += [names[stage] for stage in result.baseline.stages]
    grid = Grid(message("show.title.differences", baseline=result.baseline.name), labels)
    grid.sections = {
        0: message("show.section.headline"),
        len(_HEADLINE): message("show.section.conditional_coverage"),
    }
    for scenario in result.others:
        rows = select(table, scenario=scenario.name)
        changes = values_by(rows, "stage", table="gap_by_stage", measure="conditional_coverage")
        headline = select(rows, table="headline")
        column = _column(scenario.name, headline, _HEADLINE, difference)
        moved = [difference("conditional_coverage", changes.get(stage)) for stage in result.baseline.stages]
        grid.columns.append(Column(column.heading, [*column.cells, *moved]))
    grid = _without_empty_rows(grid)
    if any(cell.mark for column in grid.columns for cell in column.cells):
        grid.note = message("show.unclear_legend")
    return grid


def _stages(result: Result, scenario: Scenario) -> Grid:
    table = result.tables.get("gap_by_stage")
    stages = [*scenario.stages, "all"]
    names = stage_names(scenario)
    grid = Grid(_title("show.title.stages", result, scenario), [names[stage] for stage in stages])
    for measure in _BY_STAGE:
        found = values_by(table, "stage", scenario=scenario.name, measure=measure)
        cells = [level(measure, found.get(stage)) for stage in stages]
        grid.columns.append(Column(message(f"show.column.{measure}"), cells))
    return _without_empty_rows(grid)


def _causes(result: Result, scenario: Scenario) -> Grid:
    rows = select(result.tables.get("gap_causes"), scenario=scenario.name, order="capacity_first", measure="share")
    names = short_stage_names(scenario)
    labels = [message(f"study.cause.{cause}") for cause in _CAUSES]
    grid = Grid(_title("show.title.causes", result, scenario), labels)
    for stage in (*scenario.stages, "all"):
        found = values_by(rows, "cause", stage=stage)
        written = _all_causes if stage == "all" else bare_share
        grid.columns.append(Column(names[stage], [written(found.get(cause)) for cause in _CAUSES]))
    return _without_empty_rows(grid)


def _all_causes(value: Value | None) -> Cell:
    cell = level("share", value)
    return Cell(cell.number.removesuffix("%"), cell.margin)


def _ventures(result: Result) -> Grid:
    labels = [message(f"show.funnel.{name}") for name in _FUNNEL]
    labels += [message(f"show.fate.{name}") for name in _FATES]
    grid = Grid(message("show.title.ventures"), labels)
    grid.sections = {0: message("show.section.funnel"), len(_FUNNEL): message("show.section.fates")}
    for scenario in result.scenarios:
        funnel = result.tables.get("funnel")
        column = _column(scenario.name, funnel, _FUNNEL, level, scenario=scenario.name, stage="all")
        fates = values_by(result.tables.get("fates"), "fate", scenario=scenario.name, stage="all", measure="ventures")
        cells = [level("ventures", fates.get(fate)) for fate in _FATES]
        grid.columns.append(Column(column.heading, [*column.cells, *cells]))
    return _without_empty_rows(grid)


def _returns(result: Result, scenario: Scenario) -> Grid:
    table = result.tables.get("returns")
    names = class_names(scenario)
    grid = Grid(_title("show.title.returns", result, scenario), list(names.values()))
    for measure in _RETURNS:
        found = values_by(table, "class", scenario=scenario.name, measure=measure)
        cells = [level(measure, found.get(name)) for name in names]
        grid.columns.append(Column(message(f"show.column.{measure}"), cells))
    return _without_empty_rows(grid)


def _equilibrium(result: Result) -> Grid:
    """Show iterations and what is left over, by scenario and start; not simulated, so without intervals."""
    table = result.tables.get("equilibrium")
    places = [(scenario, start) for scenario in result.scenarios for start in _STARTS]
    grid = Grid(message("show.title.equilibrium"), [message(f"show.start.{start}") for _, start in places])
    if len(result.scenarios) > 1:
        grid.sections = {
            place: scenario.name for place, (scenario, _) in enumerate(places) if place % len(_STARTS) == 0
        }
    for measure in _SOLVING:
        found = [value_of(table, scenario=scenario.name, start=start, measure=measure) for scenario, start in places]
        cells = [level(measure, value) for value in found]
        grid.columns.append(Column(message(f"show.column.{measure}"), cells))
    return _without_empty_rows(grid)


def _inputs(result: Result) -> Grid:
    """How many of a scenario's values are assumptions: no interval knows of them."""
    counted = [assumption_share(scenario) for scenario in result.scenarios]
    grid = Grid(message("show.title.inputs"), [scenario.name for scenario in result.scenarios])
    columns = {
        "stated": [level("stated", Value(float(stated))) for _, stated in counted],
        "assumed": [level("assumed", Value(float(assumed))) for assumed, _ in counted],
        "assumed_share": [level("share", Value(assumed / max(stated, 1))) for assumed, stated in counted],
    }
    grid.columns = [Column(message(f"show.column.{name}"), cells) for name, cells in columns.items()]
    return grid


def _column(
    heading: str, table: pd.DataFrame | None, measures: Sequence[str], written: Written, **labels: object
) -> Column:
    found = values_by(table, "measure", **labels)
    return Column(heading, [written(measure, found.get(measure)) for measure in measures])


def _measure(name: str, *, is_difference: bool = False) -> str:
    label = message(f"show.measure.{name}")
    return message("show.points", measure=label) if is_difference and is_share(name) else label


def _title(message_id: str, result: Result, scenario: Scenario) -> str:
    title = message(message_id)
    if len(result.scenarios) == 1:
        return title
    return message("show.title.of", title=title, scenario=scenario.name)


def _without_empty_rows(grid: Grid) -> Grid:
    """Leave out rows and columns in which nothing stands; a section that goes empty loses its heading."""
    empty = level("", None)
    columns = [column for column in grid.columns if any(cell != empty for cell in column.cells)]
    kept = [row for row in range(len(grid.labels)) if any(column.cells[row] != empty for column in columns)]
    sections: dict[int, str] = {}
    starts = sorted(grid.sections)
    for start, end in pairwise([*starts, len(grid.labels)]):
        first = next((place for place, row in enumerate(kept) if start <= row < end), None)
        if first is not None:
            sections[first] = grid.sections[start]
    return Grid(
        grid.title,
        [grid.labels[row] for row in kept],
        [Column(column.heading, [column.cells[row] for row in kept]) for column in columns],
        sections,
    )
