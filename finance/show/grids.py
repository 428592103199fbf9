"""The tables of a result as grids: a column a scenario where there are several, so that they stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from finance.language import format_number, message
from finance.scenario import Scenario, assumption_share
from finance.show.cells import Cell, difference, is_share, level
from finance.show.grid import Column, Grid
from finance.show.names import class_names, short_stage_names, stage_names
from finance.study.values import Value, select, value_of, values_by

if TYPE_CHECKING:
    import pandas as pd

_HEADLINE = (
    *("coverage", "coverage_rounds", "coverage_value", "gap_ratio", "total_gap", "overinvestment"),
    *("exits", "social_value", "budget_cost", "economic_cost"),
)
_VERSUS = ("cost_per_additional_company", "cost_per_coverage_point")
_PRIVATE = (
    "additional_private_per_public",
    "additional_private_per_public_diverted_low",
    "additional_private_per_public_diverted_high",
)
_TIERS, _LEVERAGE = ("regional", "sub_fund", "all"), ("accounting_leverage", "public_share", "unspent")
_CREDIT = ("lent", "repaid", "lost", "claims", "fees", "margin", "loss_share", "margin_share")
_INDICES, _PUBLIC_RISK = ("integration", "synergy", "value"), ("budget_cost_p95", "economic_cost_p95")
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
_ALL = "all"

Written = Callable[[str, Value | None], Cell]

_MISSING = level("", None)
_NOTHING = (_MISSING, Cell("0"), Cell("0.0"))


@dataclass(frozen=True)
class Compared:
    """What is laid out.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        As in ``Outcome.tables`` and ``Study.tables``.
    scenarios : tuple of Scenario
        In the order in which they are shown.
    baseline : Scenario
        One of them.
    """

    tables: Mapping[str, pd.DataFrame]
    scenarios: tuple[Scenario, ...]
    baseline: Scenario

    @property
    def others(self) -> tuple[Scenario, ...]:
        """The scenarios that are compared with the baseline."""
        return tuple(one for one in self.scenarios if one.name != self.baseline.name)


def grids(result: Compared) -> Iterable[Grid]:
    """Lay a result out, the headline first; what it does not have is left out.

    Parameters
    ----------
    result : Compared
        What was found.

    Yields
    ------
    Grid
        One after the other, as they are to be read.
    """
    yield _headline(result)
    if result.others:
        yield _differences(result)
    stages = _merged(stage_names, result)
    yield _by_measure(result, "stages", "gap_by_stage", "stage", stages, _BY_STAGE)
    yield _causes(result)
    yield _by_measure(result, "funnel", "funnel", "stage", stages, _FUNNEL)
    yield _fates(result)
    yield _by_measure(result, "returns", "returns", "class", _merged(class_names, result), _RETURNS)
    tiers = {tier: message(f"show.tier.{tier}") for tier in _TIERS}
    yield _by_measure(result, "leverage", "leverage", "tier", tiers, _LEVERAGE)
    yield _credit(result)
    yield _indices(result)
    yield _equilibrium(result)
    yield _inputs(result)


def _headline(result: Compared) -> Grid:
    table = result.tables.get("headline")
    grid = Grid(message("show.title.headline"), [_measure(name) for name in _HEADLINE])
    for scenario in result.scenarios:
        found = values_by(table, "measure", scenario=scenario.name)
        grid.columns.append(_column(scenario.name, found, _HEADLINE, level))
    return _without(grid)


def _differences(result: Compared) -> Grid:
    """Differences of the headline measures and of conditional coverage by stage; cost for what it brings."""
    names = stage_names(result.baseline)
    stages = list(result.baseline.stages)
    grid = Grid(message("show.title.differences", baseline=result.baseline.name), [])
    grid.labels = [_measure(name, is_difference=True) for name in _HEADLINE]
    grid.labels += [message(f"show.measure.{name}") for name in (*_VERSUS, *_PRIVATE)]
    grid.labels += [names[stage] for stage in stages]
    grid.sections = {
        0: message("show.section.headline"),
        len(_HEADLINE): message("show.section.versus"),
        len(_HEADLINE) + len(_VERSUS): message("show.section.private_money"),
        len(_HEADLINE) + len(_VERSUS) + len(_PRIVATE): message("show.section.conditional_coverage"),
    }
    for scenario in result.others:
        rows = select(result.tables.get("differences"), scenario=scenario.name)
        headline = values_by(select(rows, table="headline"), "measure")
        ratios = values_by(result.tables.get("versus"), "measure", scenario=scenario.name)
        moved = values_by(rows, "stage", table="gap_by_stage", measure="conditional_coverage")
        cells = [difference(name, headline.get(name)) for name in _HEADLINE]
        cells += [difference(name, ratios.get(name)) for name in (*_VERSUS, *_PRIVATE)]
        cells += [difference("conditional_coverage", moved.get(stage)) for stage in stages]
        grid.columns.append(Column(scenario.name, cells))
    grid = _without(grid)
    if any(cell.mark for column in grid.columns for cell in column.cells):
        grid.note = message("show.unclear_legend")
    return grid


def _by_measure(
    result: Compared, title: str, table: str, dimension: str, names: Mapping[str, str], measures: Sequence[str]
) -> Grid:
    """Of one scenario a row a label and a column a measure; of several a section a measure and a column a scenario."""
    found = {
        (scenario.name, measure): values_by(
            result.tables.get(table), dimension, scenario=scenario.name, measure=measure
        )
        for scenario in result.scenarios
        for measure in measures
    }
    grid = Grid(message(f"show.title.{title}"), list(names.values()))
    headings = {measure: message(f"show.column.{measure}") for measure in measures}
    if len(result.scenarios) == 1:
        for measure in measures:
            values = found[result.baseline.name, measure]
            grid.columns.append(Column(headings[measure], [level(measure, values.get(name)) for name in names]))
        return _without(grid)
    grid.labels = grid.labels * len(measures)
    grid.sections = {place * len(names): headings[measure] for place, measure in enumerate(measures)}
    for scenario in result.scenarios:
        cells = [level(one, found[scenario.name, one].get(name)) for one in measures for name in names]
        grid.columns.append(Column(scenario.name, cells))
    return _without(grid)


def _causes(result: Compared) -> Grid:
    """As `_by_measure`, with stages for measures; the unit stands in the title."""
    names = _merged(short_stage_names, result)
    rows = select(result.tables.get("gap_causes"), order="capacity_first", measure="share")
    found = {
        (scenario.name, stage): values_by(rows, "cause", scenario=scenario.name, stage=stage)
        for scenario in result.scenarios
        for stage in names
    }
    labels = [message(f"study.cause.{cause}") for cause in _CAUSES]
    grid = Grid(message("show.title.causes"), labels)
    if len(result.scenarios) == 1:
        for stage, name in names.items():
            values = found[result.baseline.name, stage]
            grid.columns.append(Column(name, [_bare(values.get(cause)) for cause in _CAUSES]))
        return _without(grid, _NOTHING)
    grid.labels = labels * len(names)
    grid.sections = {place * len(labels): name for place, name in enumerate(names.values())}
    for scenario in result.scenarios:
        cells = [_bare(found[scenario.name, stage].get(cause)) for stage in names for cause in _CAUSES]
        grid.columns.append(Column(scenario.name, cells))
    return _without(grid, _NOTHING)


def _fates(result: Compared) -> Grid:
    grid = Grid(message("show.title.fates"), [message(f"show.fate.{name}") for name in _FATES])
    for scenario in result.scenarios:
        found = values_by(result.tables.get("fates"), "fate", scenario=scenario.name, stage=_ALL, measure="ventures")
        grid.columns.append(Column(scenario.name, [level("ventures", found.get(fate)) for fate in _FATES]))
    return _without(grid, _NOTHING)


def _equilibrium(result: Compared) -> Grid:
    """How each solve ended, by scenario and start."""
    table = result.tables.get("equilibrium")
    places = [(scenario, start) for scenario in result.scenarios for start in _STARTS]
    grid = Grid(message("show.title.equilibrium"), [message(f"show.start.{start}") for _, start in places])
    if len(result.scenarios) > 1:
        grid.sections = {
            place: scenario.name for place, (scenario, _) in enumerate(places) if place % len(_STARTS) == 0
        }
    for measure in _SOLVING:
        found = [value_of(table, scenario=scenario.name, start=start, measure=measure) for scenario, start in places]
        grid.columns.append(Column(message(f"show.column.{measure}"), [level(measure, value) for value in found]))
    grid = _without(grid)
    grid.note = message("show.equilibrium_legend") if grid.columns else ""
    return grid


def _inputs(result: Compared) -> Grid:
    """How many of a scenario's values are assumptions: no interval knows of them."""
    counted = [assumption_share(scenario) for scenario in result.scenarios]
    grid = Grid(message("show.title.inputs"), [scenario.name for scenario in result.scenarios])
    columns = {
        "stated": [Cell(format_number(stated)) for _, stated in counted],
        "assumed": [Cell(format_number(assumed)) for assumed, _ in counted],
        "assumed_share": [level("share", Value(assumed / max(stated, 1))) for assumed, stated in counted],
    }
    grid.columns = [Column(message(f"show.column.{name}"), cells) for name, cells in columns.items()]
    grid.note = message("show.inputs_legend")
    return grid


def _credit(result: Compared) -> Grid:
    """What banks lent and lost, and who bears it, where somebody lends."""
    grid = Grid(message("show.title.credit"), [message(f"show.credit.{name}") for name in _CREDIT])
    for scenario in result.scenarios:
        found = values_by(result.tables.get("credit"), "measure", scenario=scenario.name)
        if "loss_share" in found:
            grid.columns.append(_column(scenario.name, found, _CREDIT, level))
    return _without(grid)


def _indices(result: Compared) -> Grid:
    """The indices of the seeds, and what one path in twenty costs the public at least."""
    grid = Grid(message("show.title.indices"), [message(f"show.index.{name}") for name in _INDICES])
    grid.labels += [message(f"show.column.{name}") for name in _PUBLIC_RISK]
    for scenario in result.scenarios:
        indices = values_by(result.tables.get("indices"), "index", scenario=scenario.name)
        risk = values_by(result.tables.get("public_risk"), "measure", scenario=scenario.name)
        cells = [level("index", indices.get(name)) for name in _INDICES]
        grid.columns.append(Column(scenario.name, cells + [level(name, risk.get(name)) for name in _PUBLIC_RISK]))
    grid.note = message("show.indices_legend")
    return _without(grid)


def _bare(value: Value | None) -> Cell:
    """A share without its sign, for a table whose title has it."""
    cell = level("share", value)
    return Cell(cell.number.removesuffix("%"), cell.margin)


def _column(heading: str, found: Mapping[str, Value], measures: Sequence[str], written: Written) -> Column:
    return Column(heading, [written(measure, found.get(measure)) for measure in measures])


def _measure(name: str, *, is_difference: bool = False) -> str:
    label = message(f"show.measure.{name}")
    return message("show.points", measure=label) if is_difference and is_share(name) else label


def _merged(named: Callable[[Scenario], dict[str, str]], result: Compared) -> dict[str, str]:
    """Names of the baseline's labels, then of those that only other scenarios have."""
    names: dict[str, str] = {}
    for scenario in (result.baseline, *result.others):
        names |= {name: text for name, text in named(scenario).items() if name not in names}
    return names


def _without(grid: Grid, nothing: Sequence[Cell] = (_MISSING,)) -> Grid:
    """Leave out columns without a value and rows with nothing in them; a section that goes empty loses its heading."""
    columns = [column for column in grid.columns if any(cell != _MISSING for cell in column.cells)]
    kept = [row for row in range(len(grid.labels)) if any(column.cells[row] not in nothing for column in columns)]
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
