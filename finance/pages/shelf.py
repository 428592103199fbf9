"""What pages look up again and again, kept in memory until the files behind it change: scenarios, questions, runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from finance.pages.asking import determinants_of, find_kept, open_store, question_of
from finance.pages.jobs import Jobs
from finance.pages.kept import Shown, shown
from finance.pages.levers import scenario_of
from finance.pages.link import Choice, Wish
from finance.request import Question
from finance.running.store import Manifest, RunStore, run_id
from finance.scenario import FoundScenario, Scenario, ScenarioError, find_scenarios, in_groups
from finance.show.report_run import ReportedRun, reported

_Stamp = tuple[tuple[str, int], ...]


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs of this app, the same for everybody who looks at it."""
    return Jobs()


def found() -> list[FoundScenario]:
    """Return the scenarios that can be chosen by name, the broken ones among them, group by group."""
    return _found(_scenario_stamp())


def scenario(choice: Choice) -> Scenario:
    """Return the scenario of a choice; ScenarioError if there is none, or something is wrong with it."""
    return _scenario(choice, _scenario_stamp())


def scenarios(choices: Iterable[Choice]) -> dict[Choice, Scenario | None]:
    """Return the scenarios of many choices, None for those that cannot be used; their files are looked at once."""
    stamp = _scenario_stamp()
    loaded: dict[Choice, Scenario | None] = {}
    for choice in choices:
        try:
            loaded[choice] = _scenario(choice, stamp)
        except ScenarioError:
            loaded[choice] = None
    return loaded


def question(wish: Wish) -> tuple[Question, str]:
    """Return the question of a wish and the id of its run; Refused if something is wrong with it."""
    return _question(wish, _scenario_stamp(), str(open_store()[0].folder.absolute()))


def manifests() -> list[Manifest]:
    """Return the manifests of all kept runs, the newest first."""
    store, problems = open_store()
    return [] if problems else _manifests(str(store.folder.absolute()), _run_stamp(store))


def kept(asked: Question) -> str | None:
    """Return the kept run that answers a question, None if there is none."""
    return find_kept(asked, manifests())


def run(name: str, order: Iterable[str] = ()) -> Shown | None:
    """Return a kept run.

    Parameters
    ----------
    name : str
        Its id.
    order : iterable of str
        Names of scenarios in the order in which they are wanted.

    Returns
    -------
    Shown or None
        None if there is no such run, or it cannot be read.

    Raises
    ------
    UnreadableRunError
        If a scenario of the run cannot be read any more.
    """
    store, problems = open_store()
    if problems or all(one.run != name for one in manifests()):
        return None
    read = _read(str(store.folder.absolute()), name, _run_stamp(store))
    return None if read is None else shown(read, order)


@st.cache_resource(show_spinner=False, max_entries=2)
def _found(stamp: _Stamp) -> list[FoundScenario]:
    return [one for _, group in in_groups(find_scenarios()) for one in group]


# All that are listed, in whatever file versions and at the doses that a few readers try.
@st.cache_resource(show_spinner=False, max_entries=512)
def _scenario(choice: Choice, stamp: _Stamp) -> Scenario:
    return scenario_of(choice)


@st.cache_resource(show_spinner=False, max_entries=64)
def _question(wish: Wish, stamp: _Stamp, folder: str) -> tuple[Question, str]:
    asked = question_of(wish, scenario)
    return asked, run_id(determinants_of(asked))


@st.cache_resource(show_spinner=False, max_entries=2)
def _manifests(folder: str, stamp: _Stamp) -> list[Manifest]:
    return RunStore(Path(folder)).runs()


@st.cache_resource(show_spinner=False, max_entries=8)
def _read(folder: str, name: str, stamp: _Stamp) -> ReportedRun | None:
    stored = RunStore(Path(folder)).find(name)
    return None if stored is None else reported(stored)


def _scenario_stamp() -> _Stamp:
    """Return the files of all scenarios and curves with the time of their last change."""
    from finance.scenario.reading import scenario_folders

    files = (path for folder in scenario_folders() for path in folder.resolve().rglob("*.toml") if path.is_file())
    return tuple(sorted((str(path), path.stat().st_mtime_ns) for path in files))


def _run_stamp(store: RunStore) -> _Stamp:
    folder = store.folder
    if not folder.is_dir():
        return ()
    return tuple(sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_dir()))
