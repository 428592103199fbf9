"""A result on the terminal: the plain sentences, the tables they come from, how to read them, how to get them again."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from finance.language import format_list, format_number, message
from finance.scenario import assumption_share
from finance.show.grids import Compared, grids
from finance.show.names import scenario_names, stage_names
from finance.show.wrapping import wrapped
from finance.study.sentence import sentences
from finance.study.starts import other_ends

#: What is explained, and the table that it is about.
_READING = {
    "coverage": "headline",
    "gap": "gap_by_stage",
    "causes": "gap_causes",
    "cost": "headline",
    "returns": "returns",
    "versus": "versus",
}


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
class Result(Compared):
    """What a simulation or a comparison found.

    Attributes
    ----------
    tables, scenarios, baseline
        As in `Compared`.
    facts : RunFacts
        Where it came from.
    """

    facts: RunFacts


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
    for grid in grids(result):
        grid.show(console)
    _show_reading(console, result)
    _show_facts(console, result.facts)


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
    with_two = [one.name for one in result.scenarios if other_ends(result.tables, one.name)]
    if with_two:
        _say(console, message("show.two_equilibria", names=format_list(with_two)), style="bold")
    entry, clock = result.baseline.entry, result.baseline.clock
    size = {
        "ventures": format_number(entry.entrants_a_year * clock.entry_years),
        "years": format_number(clock.entry_years),
        "scale": format_number(entry.national_entrants / entry.entrants_a_year),
    }
    legend = "show.legend" if result.facts.paths > 1 else "show.legend_one_path"
    _say(console, message(legend, **size), style="dim")


def _show_reading(console: Console, result: Result) -> None:
    """Say what the measures mean, and what no interval knows of."""
    console.print()
    console.print(Text(message("show.title.reading"), style="bold"))
    texts = [message(f"show.reading.{name}") for name, table in _READING.items() if table in result.tables]
    assumed, stated = assumption_share(result.baseline)
    counted = {"assumed": format_number(assumed), "stated": format_number(stated), "name": result.baseline.name}
    texts.append(message("show.reading.intervals", **counted))
    for text in texts:
        _say(console, text)


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
