"""Scenarios, their values, their problems and kept runs, as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from finance.language import (
    current_language,
    format_date,
    format_list,
    format_number,
    format_share,
    message,
    message_ids,
)
from finance.scenario import ExplainedValue, FoundScenario, Problem, Scenario, assumption_share, in_groups
from finance.scenario.problems import written
from finance.show.wrapping import wrapped

if TYPE_CHECKING:
    from finance.running.store import Manifest

_INDENT = "    "


def show_scenarios(console: Console, found: Sequence[FoundScenario]) -> None:
    """Print scenarios with their title and question, under the headings of their groups.

    Parameters
    ----------
    console : Console
        Where to.
    found : sequence of FoundScenario
        In the order in which they are printed within a group.
    """
    groups = in_groups(found)
    if not groups:
        console.print(Text(message("show.list.none")))
    for place, (group, scenarios) in enumerate(groups):
        if len(groups) > 1:
            if place > 0:
                console.print()
            count = format_number(len(scenarios))
            heading = message("show.list.heading", group=group_title(group), count=count)
            _paragraph(console, heading, style="bold underline", first="")
        for one in scenarios:
            _show_found(console, one)


def group_title(group: str) -> str:
    """Return what a group of scenarios is called; a folder that the catalogue does not know, by its own name."""
    known = f"show.list.group.{group or 'own'}"
    return message(known) if known in message_ids(current_language()) else group


def show_problems(console: Console, file: str, problems: Sequence[Problem], warnings: Iterable[Problem]) -> None:
    """Print what is wrong with a file, one problem a line however long, so that lines can be counted.

    Parameters
    ----------
    console : Console
        Where to.
    file : str
        As the user named it.
    problems, warnings : iterable of Problem
        What has to be mended, and what is worth knowing.
    """
    if problems:
        count = format_number(len(problems))
        head = message("show.check.problems", file=file, count=count)
    else:
        head = message("show.check.fine", file=file)
    console.print(Text(head, style="bold"), soft_wrap=True)
    for problem in problems:
        console.print(Text(f"  {problem.text()}"), soft_wrap=True)
    for warning in warnings:
        text = message("show.check.warning", text=warning.text())
        console.print(Text(f"  {text}", style="dim"), soft_wrap=True)


def show_explained(console: Console, scenario: Scenario, values: Sequence[ExplainedValue]) -> None:
    """Print values with all that is known of them.

    Parameters
    ----------
    console : Console
        Where to.
    scenario : Scenario
        Whose values they are.
    values : sequence of ExplainedValue
        What `finance.scenario.explain` gave.
    """
    title = str(getattr(scenario.title, current_language()))
    head = message("show.explain.head", name=scenario.name, title=title)
    _paragraph(console, head, style="bold", first="")
    _paragraph(console, str(getattr(scenario.question, current_language())), indent="")
    if scenario.as_modelled is not None:
        text = str(getattr(scenario.as_modelled, current_language()))
        _paragraph(console, message("show.explain.as_modelled", text=text), indent="")
    if scenario.baseline is None:
        _paragraph(console, message("show.explain.root"), indent="")
    else:
        _paragraph(console, message("show.explain.baseline", baseline=scenario.baseline), indent="")
    for value in values:
        console.print()
        _show_value(console, value)
    assumed, stated = assumption_share(scenario)
    share = format_share(assumed / max(stated, 1))
    console.print()
    counts = {"assumed": format_number(assumed), "stated": format_number(stated), "share": share}
    _paragraph(console, message("show.explain.assumed", **counts), indent="")
    _paragraph(console, message("show.explain.grades"), indent="", style="dim")


def show_runs(
    console: Console, folder: str, manifests: Sequence[Manifest], unfinished: Mapping[str, Mapping[str, Any]]
) -> None:
    """Print kept runs, the newest first as they are given.

    Parameters
    ----------
    console : Console
        Where to.
    folder : str
        The store's folder.
    manifests : sequence of Manifest
        Of the runs.
    unfinished : mapping of str to mapping
        Requests of runs that were begun and not saved, by id.
    """
    if not manifests:
        console.print(Text(message("show.runs.none", folder=folder)), soft_wrap=True)
    else:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
        table.add_column(message("show.runs.run"), no_wrap=True, vertical="top")
        table.add_column(message("show.runs.created"), no_wrap=True)
        table.add_column(message("show.runs.paths"), justify="right", no_wrap=True)
        table.add_column(message("show.runs.seed"), justify="right", no_wrap=True)
        table.add_column(message("show.runs.scenarios"))
        for one in manifests:
            row = run_row(one)
            paths = format_number(row["paths"]) if isinstance(row["paths"], int) else "–"
            seed = "–" if row["seed"] is None else str(row["seed"])
            created = str(row["created"])[:16].replace("T", " ")
            cells = (Text(cell) for cell in (one.run, created, paths, seed))
            table.add_row(*cells, _Wrapped(format_list(row["scenarios"])))
        console.print(table)
    if unfinished:
        _paragraph(console, message("show.runs.unfinished", runs=format_list(unfinished)), indent="")


def run_row(manifest: Manifest) -> dict[str, Any]:
    """Return what a list of runs says of one: run, created, scenarios, paths, seed, seconds."""
    return {
        "run": manifest.run,
        "created": manifest.created,
        "scenarios": list(manifest.scenarios),
        "paths": manifest.determinants.get("paths"),
        "seed": manifest.determinants.get("seed"),
        "seconds": sum(manifest.timings.values()),
    }


class _Wrapped:
    """A cell whose text breaks where ours does: Rich breaks at spaces, which a Chinese list has none of."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in wrapped(self.text, options.max_width):
            yield Text(line, overflow="fold")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        longest_piece = max(map(cell_len, wrapped(self.text, 1)))
        return Measurement(longest_piece, cell_len(self.text)).clamp(max_width=options.max_width)


def _show_found(console: Console, one: FoundScenario) -> None:
    _show_head(console, one)
    if one.question is not None:
        _paragraph(console, str(getattr(one.question, current_language())))
    for problem in one.problems:
        _paragraph(console, message("show.list.unreadable", problem=problem.text()), style="red")


def _show_head(console: Console, one: FoundScenario) -> None:
    """Print name, title and baseline on one line if they fit, else each on lines of its own below the name."""
    name = message("show.list.reference", name=one.name) if one.is_reference else one.name
    rest = []
    if one.title is not None:
        rest.append(Text(str(getattr(one.title, current_language()))))
    if one.baseline is not None:
        rest.append(Text(message("show.list.baseline", baseline=one.baseline), style="dim"))
    if one.expires is not None:
        date = format_date(one.expires)
        expired, until = message("show.list.expired", date=date), message("show.list.until", date=date)
        rest.append(Text(expired, style="yellow") if one.has_expired else Text(until, style="dim"))
    head = Text("  ").join([Text(name, style="bold"), *rest])
    if head.cell_len <= console.width:
        console.print(head)
        return
    _paragraph(console, name, style="bold", first="")
    for part in rest:
        _paragraph(console, part.plain, style=str(part.style))


def _show_value(console: Console, value: ExplainedValue) -> None:
    head = Text(value.key, style="bold")
    head.append(f" = {written(value.value)}", style="bold" if value.is_changed else "not bold")
    if value.unit:
        head.append(f"  [{value.unit}]", style="dim not bold")
    if value.is_changed and value.baseline_value is None:
        head.append(f"  {message('show.explain.added')}", style="yellow not bold")
    elif value.is_changed:
        changed = message("show.explain.changed", baseline=written(value.baseline_value))
        head.append(f"  {changed}", style="yellow not bold")
    console.print(head, soft_wrap=True)
    _paragraph(console, value.meaning)
    allowed = message("show.explain.allowed", allowed=value.allowed) if value.allowed else ""
    plausible = ""
    if value.low is not None and value.high is not None:
        plausible = message("show.explain.range", low=written(value.low), high=written(value.high))
    if allowed and plausible:
        _paragraph(console, message("cli.explained.limits", allowed=allowed, plausible=plausible), style="dim")
    elif allowed or plausible:
        _paragraph(console, allowed or plausible, style="dim")
    source = {"text": " ".join(part for part in (value.source, value.url) if part)}
    if value.grade:
        _paragraph(console, message("show.explain.source", grade=value.grade, **source), style="dim")
    else:
        _paragraph(console, message("show.explain.no_grade", **source), style="dim")


def _paragraph(console: Console, text: str, indent: str = _INDENT, style: str = "", first: str | None = None) -> None:
    for line in wrapped(text, console.width, indent, first):
        console.print(Text(line, style=style), soft_wrap=True)
