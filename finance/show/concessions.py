"""What contracts concede, on the terminal: simulated, by the price of options, and what the two differ by."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from finance.language import message
from finance.scenario import Scenario
from finance.show.cells import Cell, level
from finance.show.grid import Column, Grid
from finance.show.wrapping import wrapped
from finance.study.concessions import OWN
from finance.study.values import value_of

_MEASURES = ("simulated", "closed_form", "gap_of_foresight", "gap_of_timing", "gap_of_law")


def show_concessions(console: Console, table: pd.DataFrame, scenario: Scenario) -> None:
    """Print what a programme's contract concedes to private partners, and what known ones would on the same flows.

    Parameters
    ----------
    console : Console
    table : DataFrame
        From `finance.study.concessions.concessions`.
    scenario : Scenario
        Whose programme it is.
    """
    names = list(dict.fromkeys(table["contract"]))
    labels = [_label(name, scenario) for name in names]
    measures = [measure for measure in _MEASURES if measure in set(table["measure"])]
    columns = [Column(message(f"show.concessions.{measure}"), _cells(table, names, measure)) for measure in measures]
    Grid(message("show.concessions.title"), labels, columns).show(console)
    matched = {
        name: level("share" if name == "volatility" else "amount", _of_any(table, name))
        for name in ("spot", "volatility", "years")
    }
    lines = [message("show.concessions.reading")]
    if matched["spot"].number != "–":
        written = {name: f"{cell.number} {cell.margin}".strip() for name, cell in matched.items()}
        lines.append(message("show.concessions.matched", **written))
    for line in lines:
        for part in wrapped(line, console.width):
            console.print(Text(part, style="dim"))


def _label(name: str, scenario: Scenario) -> str:
    if name != OWN:
        return message(f"show.concessions.contract.{name}")
    further = "" if not list(scenario.guidance_fund.further) else " +"
    return message("show.concessions.own", contract=scenario.guidance_fund.contract + further)


def _cells(table: pd.DataFrame, names: list[str], measure: str) -> list[Cell]:
    return [level("amount", value_of(table, contract=name, measure=measure)) for name in names]


def _of_any(table: pd.DataFrame, measure: str):  # type: ignore[no-untyped-def]
    rows = table[table["measure"] == measure]
    return value_of(rows.head(1), measure=measure)
