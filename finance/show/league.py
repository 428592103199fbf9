"""A league table on the terminal: who brings what for what it costs, who cannot be told from whom, and why not."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Console
from rich.text import Text

from finance.language import format_list, format_share, message
from finance.scenario import Scenario
from finance.show.cells import Cell, difference
from finance.show.grid import Column, Grid
from finance.show.names import scenario_names
from finance.show.wrapping import wrapped
from finance.study.comparability import CAVEATS, assumed_share, caveats
from finance.study.values import value_of

#: Marks a scenario that the next one of its group cannot be told from.
NOT_TOLD = "≈"


def show_league(console: Console, table: pd.DataFrame, scenarios: Sequence[Scenario], baseline: Scenario) -> None:
    """Print a league table, with a note for each thing that stands in the way of comparing.

    Parameters
    ----------
    console : Console
        Where to; its width decides how many columns stand beside one another.
    table : DataFrame
        The table ``league`` of a comparison.
    scenarios : sequence of Scenario
        All that were compared.
    baseline : Scenario
        With which.
    """
    if table.empty:
        return
    _grid(table, scenarios, baseline).show(console)
    for line in notes(scenarios, baseline):
        for part in wrapped(line, console.width):
            console.print(Text(part, style="dim"))


def notes(scenarios: Sequence[Scenario], baseline: Scenario) -> list[str]:
    """How to read the table, and what its letters mean, those alone that occur."""
    found = {caveat for one in scenarios for caveat in caveats(one, baseline)}
    letters = [f"{_letter(caveat)}: {message(f'show.league.{caveat}')}" for caveat in CAVEATS if caveat in found]
    reading = message("show.league.reading", mark=NOT_TOLD)
    return [reading, *([f"{message('show.league.caveats')}: {format_list(letters)}"] if letters else [])]


def _grid(table: pd.DataFrame, scenarios: Sequence[Scenario], baseline: Scenario) -> Grid:
    titles, known = scenario_names(scenarios), {one.name: one for one in scenarios}
    order = list(dict.fromkeys(table["scenario"]))
    first = table.drop_duplicates("scenario").set_index("scenario")
    labels, sections, last = [], {}, None
    columns: dict[str, list[Cell]] = {name: [] for name in ("coverage", "economic_cost", "coverage_per_cost")}
    assumed, letters = [], []
    for row, name in enumerate(order):
        verdict = str(first.loc[name, "verdict"])
        if verdict != last:
            sections[row], last = message(f"show.league.verdict.{verdict}"), verdict
        mark = "" if first.loc[name, "told_from_next"] else f" {NOT_TOLD}"
        labels.append(f"{first.loc[name, 'place']} {titles.get(name, name)}{mark}")
        for measure, cells in columns.items():
            kind = "coverage" if measure == "coverage_per_cost" else measure
            found = value_of(table, scenario=name, measure=measure)
            cells.append(Cell("") if found is None else difference(kind, found))
        assumed.append(Cell(format_share(assumed_share(known[name]), digits=0) if name in known else ""))
        letters.append(Cell("".join(map(_letter, caveats(known[name], baseline))) if name in known else ""))
    headed = [Column(message(f"show.league.{measure}"), cells) for measure, cells in columns.items()]
    headed += [Column(message("show.league.assumed"), assumed), Column(message("show.league.caveats"), letters)]
    return Grid(message("show.league.title"), labels, headed, sections)


def _letter(caveat: str) -> str:
    return "abcdefgh"[CAVEATS.index(caveat)]
