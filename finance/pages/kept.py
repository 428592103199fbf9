"""Kept runs as a page needs them: what each is called, who was in it, and the wish that would make it again."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finance.language import LANGUAGES
from finance.pages.levers import levers
from finance.pages.link import Choice, Wish
from finance.running.provenance import engine_digest
from finance.running.store import Manifest
from finance.scenario import Scenario, ScenarioError, load_scenario
from finance.show.names import class_names, measure_names, scenario_names, stage_names
from finance.show.report_run import ReportedRun

if TYPE_CHECKING:
    import pandas as pd

#: Stands in the name of a scenario between its own and its doses (`Scenario.with_dose`).
_DOSED = "-dose-"

#: How Python writes a date, which is no literal.
_DATE = re.compile(r"datetime\.date\([^()]*\)")


@dataclass(frozen=True)
class Shown:
    """A kept run, ready to be shown.

    Attributes
    ----------
    read : ReportedRun
        The run as the report takes it.
    scenarios : tuple of Scenario
        As they were when it was made, in the order in which they are shown: the baseline first.
    """

    read: ReportedRun
    scenarios: tuple[Scenario, ...]

    @property
    def manifest(self) -> Manifest:
        """What the run is."""
        return self.read.manifest

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Its tables by name."""
        return self.read.tables

    @property
    def run(self) -> str:
        """The run's id."""
        return self.manifest.run

    @property
    def baseline(self) -> Scenario:
        """The scenario with which the others are compared."""
        return self.scenarios[0]

    def titles(self) -> dict[str, str]:
        """Return what each scenario is called, in the language of the context."""
        return scenario_names(self.scenarios)

    def names(self) -> dict[str, str]:
        """Return what stages and classes of investors are called; where scenarios differ, as the first has it."""
        names: dict[str, str] = {}
        for scenario in self.scenarios:
            names = measure_names(scenario) | class_names(scenario) | stage_names(scenario) | names
        return names


def shown(read: ReportedRun, order: Iterable[str] = ()) -> Shown:
    """Put the scenarios of a kept run in order.

    Parameters
    ----------
    read : ReportedRun
        The run as the report takes it.
    order : iterable of str
        Names in the order in which they are wanted; the run's own, where they say nothing.

    Returns
    -------
    Shown
    """
    by_name = {one.name: one for one in read.scenarios}
    wanted = [name for name in order if name in by_name]
    names = dict.fromkeys([read.baseline.name, *wanted, *by_name])
    return Shown(read, tuple(by_name[name] for name in names))


def names_in(manifest: Manifest) -> list[str]:
    """Return the names of a run's scenarios, in its order."""
    names = manifest.determinants.get("scenarios")
    return [str(name) for name in names] if isinstance(names, list) else list(manifest.scenarios)


def baseline_place(manifest: Manifest) -> int:
    """Return which of a run's scenarios is its baseline."""
    place = manifest.determinants.get("baseline")
    return place if isinstance(place, int) and 0 <= place < len(names_in(manifest)) else 0


def titles_in(manifest: Manifest) -> dict[str, dict[str, str]]:
    """Return the titles of a run's scenarios by name and language, as they were when it was made."""
    return {name: _title(name, manifest.scenarios.get(name, "")) for name in names_in(manifest)}


def is_current(manifest: Manifest) -> bool:
    """Whether a run was made by the model as it is now."""
    return manifest.determinants.get("engine") == engine_digest()


def wish_of(manifest: Manifest) -> Wish:
    """Return what to ask for the same run again, if its scenarios have not changed since.

    Parameters
    ----------
    manifest : Manifest
        Of the run.

    Returns
    -------
    Wish
        Doses are read off the names of scenarios that are no file.
    """
    choices = tuple(_choice(name) for name in names_in(manifest))
    numbers = (str(manifest.determinants.get(name, "")) for name in ("paths", "seed"))
    return Wish(choices, choices[baseline_place(manifest)], *numbers)


def _choice(name: str) -> Choice:
    origin, _, rest = name.partition(_DOSED)
    if not rest:
        return Choice(name)
    try:
        scenario = load_scenario(origin)
    except (ScenarioError, OSError):
        return Choice(name)
    by_text = {re.sub("[^a-z0-9-]", "-", lever.lower()): lever for lever in levers(scenario)}
    one_of = "|".join(sorted(map(re.escape, by_text), key=len, reverse=True))
    dose = rf"({one_of})-(\d+(?:p\d+)?)"
    if not by_text or not re.fullmatch(rf"{dose}(?:-{dose})*", rest):
        return Choice(name)
    found = ((match[1], match[2]) for match in re.finditer(dose, rest))
    return Choice(origin, tuple((by_text[text], number.replace("p", ".")) for text, number in found))


def _title(name: str, text: str) -> dict[str, str]:
    """Read a title off the text of a scenario: a file, or the values of one that was made by a program."""
    try:
        content: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        try:
            content = ast.literal_eval(_DATE.sub("None", text))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            content = {}
    title = content.get("title") if isinstance(content, dict) else None
    given = title if isinstance(title, dict) else {}
    return {language: str(given.get(language) or name) for language in LANGUAGES}
