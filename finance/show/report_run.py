"""A run of the store made readable again: which one is meant, and the scenarios that it was made of."""

from __future__ import annotations

import ast
import datetime as dt
import re
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from finance.language import message
from finance.running.store import Manifest, RunStore, StoredRun
from finance.scenario import Scenario, ScenarioError, load_scenario
from finance.scenario.reading import is_name
from finance.scenario.scenario import build
from finance.show.grids import Compared

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")
#: Keys of a scenario's head that hold dates.
_DATES = ("as_of", "expires")


class UnreadableRunError(ValueError):
    """A run that cannot be found, read or understood; the text says which and why."""


@dataclass(frozen=True)
class ReportedRun(Compared):
    """A run with all that a report says of it.

    Attributes
    ----------
    tables, scenarios, baseline
        As in `Compared`.
    manifest : Manifest
        Where it came from.
    command : str
        What to type for the same again; empty where nothing does.
    is_as_run : bool
        Whether the scenarios are, to the last value, those of the run.
    """

    manifest: Manifest
    command: str = ""
    is_as_run: bool = True


def find_run(run: str, store: RunStore) -> StoredRun:
    """Read the run that is meant.

    Parameters
    ----------
    run : str
        Its id, the beginning of it that no other run's id has, or its folder.
    store : RunStore
        Where an id is looked up.

    Returns
    -------
    StoredRun
        Manifest and tables.

    Raises
    ------
    UnreadableRunError
        If there is no such run, several are meant, or it is broken.
    """
    try:
        folder = Path(run)
        is_folder = folder.is_dir() and (folder / "manifest.json").is_file()
        if is_folder:
            folder = folder.resolve()
            return RunStore(folder.parent).load(folder.name)
        if "/" in run or "\\" in run:
            raise UnreadableRunError(message("report.no_run_in_folder", folder=run))
        return store.load(run)
    except UnreadableRunError:
        raise
    except (OSError, ValueError) as error:
        # A store says what is wrong in the reader's language; a disk that cannot be read says it as the system does.
        raise UnreadableRunError(str(error)) from None


def reported(stored: StoredRun, command: str = "") -> ReportedRun:
    """Bring the scenarios of a run back from the texts that it kept.

    Parameters
    ----------
    stored : StoredRun
        As `find_run` gives it.
    command : str
        What to type for the same again.

    Returns
    -------
    ReportedRun
        Tables, scenarios and manifest together.

    Raises
    ------
    UnreadableRunError
        If a scenario cannot be read any more.
    """
    manifest = stored.manifest
    scenarios = _Texts(manifest.scenarios).all()
    place = manifest.determinants.get("baseline", 0)
    baseline = scenarios[place if isinstance(place, int) and place < len(scenarios) else 0]
    digests = [[each.digest for each, _ in one.chain()] for one in scenarios]
    is_as_run = digests == manifest.determinants.get("digests", digests)
    if any(map(_is_made_in_code, manifest.scenarios.values())):
        command = ""  # there is no file to name
    return ReportedRun(stored.tables, tuple(scenarios), baseline, manifest, command, is_as_run)


class _Texts:
    """Scenarios from the texts in a manifest, those first on which others are built.

    A text is that of a file, or, for a scenario made in code, its values as Python writes them.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._found: dict[str, Scenario] = {}

    def all(self) -> list[Scenario]:
        """Return all of them, in their order."""
        unfit = [name for name in self._texts if not is_name(name)]
        if unfit or not self._texts:
            raise UnreadableRunError(message("report.no_scenarios"))
        # Side by side in a folder, as a baseline is looked up beside the file first.
        with tempfile.TemporaryDirectory(prefix="patient-capital-") as folder:
            for name, text in self._texts.items():
                if not _is_made_in_code(text):
                    (Path(folder) / f"{name}.toml").write_text(text, encoding="utf-8")
            return [self._scenario(name, Path(folder)) for name in self._texts]

    def _scenario(self, name: str, folder: Path) -> Scenario:
        if name not in self._found:
            try:
                self._found[name] = self._read(name, folder)
            except ScenarioError as error:
                reason = error.problems[0].text() if error.problems else str(error)
                raise UnreadableRunError(message("report.scenario_unreadable", name=name, reason=reason)) from None
            except (SyntaxError, ValueError, ValidationError, KeyError, TypeError) as error:
                reason = str(error).partition("\n")[0]
                raise UnreadableRunError(message("report.scenario_unreadable", name=name, reason=reason)) from None
        return self._found[name]

    def _read(self, name: str, folder: Path) -> Scenario:
        text = self._texts.get(name)
        if text is None:
            return load_scenario(name)
        if not _is_made_in_code(text):
            return self._from_file(folder / f"{name}.toml", folder)
        document = _document(text)
        below = document.get("baseline")
        try:
            baseline = None if below is None else self._scenario(str(below), folder)
        except UnreadableRunError:
            # Made in code from one that was made in code and not run: its values are all there, some sources are not.
            baseline = None
        return build(document, baseline, None, [], lambda _: name)

    def _from_file(self, path: Path, folder: Path) -> Scenario:
        below = tomllib.loads(path.read_text(encoding="utf-8")).get("baseline")
        if isinstance(below, str) and _is_made_in_code(self._texts.get(below, "")):
            raise ValueError(message("report.below_made_in_code", name=below))
        return load_scenario(path)


def _is_made_in_code(text: str) -> bool:
    return text.lstrip().startswith("{")


def _document(text: str) -> dict[str, Any]:
    quoted = _DATE.sub(lambda date: repr(dt.date(*map(int, date.groups())).isoformat()), text)
    document: dict[str, Any] = ast.literal_eval(quoted)
    for key in _DATES:
        if isinstance(document.get(key), str):
            document[key] = dt.date.fromisoformat(document[key])
    return document
