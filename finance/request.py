"""What a user asks for: names, numbers and folders as text, checked all at once before anything is done."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from finance.language import LANGUAGES, format_list, message

if TYPE_CHECKING:
    import pandas as pd

    from finance.running.store import RunStore
    from finance.scenario import Scenario
    from finance.study.compare import Progress

#: What a value that is quoted in a message is cut to.
_LONGEST_GIVEN = 40

#: Seconds between looks at whether the answer is there: some systems let an interrupt wait until a look is over.
_LOOK_SECONDS = 0.25
#: Seconds that an interrupted simulation has to keep what is finished.
_GRACE_SECONDS = 1.25


class Refused(Exception):  # noqa: N818  (not an error of the program)
    """What was asked cannot be done.

    Parameters
    ----------
    problems : iterable of str
        Everything that is wrong with it, a line each.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(dict.fromkeys(problems))
        super().__init__(*self.problems)


@dataclass(frozen=True)
class Question:
    """What is to be simulated, all of it checked.

    Attributes
    ----------
    scenarios : list of Scenario
        The baseline among them.
    baseline : Scenario
        The one the others are compared with.
    numbers : mapping
        Paths, seed, workers (None: one a core), and whether kept answers count (``fresh``).
    store : RunStore
        Where the run is looked up and kept.
    """

    scenarios: list[Scenario]
    baseline: Scenario
    numbers: Mapping[str, Any]
    store: RunStore


@dataclass(frozen=True)
class Answer:
    """Tables by name, the run's id, and whether it was read from the store."""

    tables: Mapping[str, pd.DataFrame]
    run: str
    is_kept: bool


def answer(question: Question, progress: Progress) -> Answer:
    """Simulate, or read from the store.

    All of it is done in another thread: the one that Python interrupts must not be in the middle of compiled code, nor
    of its compilation, which cannot be broken off.

    Parameters
    ----------
    question : Question
        One scenario is simulated by itself; several are compared.
    progress : callable
        Told how far the work is.

    Returns
    -------
    Answer
        Tables and run.

    Raises
    ------
    KeyboardInterrupt
        Within about a second of an interrupt. By then the work has stopped, unless it is being compiled: it stops after.
    """
    cancel = Event()
    pool = ThreadPoolExecutor(1, thread_name_prefix="answer")
    work = pool.submit(copy_context().run, _answer, question, progress, cancel)
    try:
        while not wait([work], timeout=_LOOK_SECONDS).done:
            pass
        return work.result()
    except KeyboardInterrupt:
        cancel.set()
        wait([work], timeout=_GRACE_SECONDS)
        raise
    finally:
        pool.shutdown(wait=False)


def _answer(question: Question, progress: Progress, cancel: Event) -> Answer:
    from finance.study.compare import compare, simulate

    options = {**question.numbers, "store": question.store, "progress": progress, "cancel": cancel}
    if len(question.scenarios) == 1:
        outcome = simulate(question.scenarios[0], **options)
        return Answer(outcome.tables, outcome.run_id, not outcome.timings)
    study = compare(question.scenarios, baseline=question.baseline, **options)
    return Answer(study.tables, study.run_id, not study.timings)


def refuse(problems: Iterable[str]) -> None:
    """Raise `Refused` if there is any problem."""
    found = list(problems)
    if found:
        raise Refused(found)


def members(names: Sequence[str]) -> list[str]:
    """Names of scenarios, those of a group where a group is named; a name that is both means the scenario.

    Parameters
    ----------
    names : sequence of str
        Names or paths of scenarios, or names of groups as `list` shows them.

    Returns
    -------
    list of str
        Each once, in the order in which they were named first.
    """
    from finance.scenario import find_scenarios, in_groups

    found = find_scenarios()
    groups = {group: [one.name for one in several] for group, several in in_groups(found)}
    known = {one.name for one in found}
    named = [one for name in names for one in (groups[name] if name in groups and name not in known else [name])]
    return list(dict.fromkeys(named))


def loaded(names: Sequence[str], problems: Sequence[str] = ()) -> list[Scenario]:
    """Load scenarios.

    Parameters
    ----------
    names : sequence of str
        Names or paths.
    problems : sequence of str
        What was found wrong before.

    Returns
    -------
    list of Scenario
        In the order named.

    Raises
    ------
    Refused
        If there were problems before, or are with any of the scenarios: with all of them.
    """
    from finance.scenario import ScenarioError, load_scenario

    found, all_problems = [], list(problems)
    for name in names:
        try:
            found.append(load_scenario(name))
        except ScenarioError as error:
            all_problems += [problem.text() for problem in error.problems]
    refuse(all_problems)
    return found


def chosen(names: Sequence[str], baseline: str | None, problems: Sequence[str] = ()) -> tuple[list[Scenario], Scenario]:
    """Load what is to be compared.

    Parameters
    ----------
    names : sequence of str
        Names or paths, at least one unless ``problems`` says that none was given.
    baseline : str or None
        Name or path of the baseline; the first of the names, if None.
    problems : sequence of str
        What was found wrong before.

    Returns
    -------
    scenarios : list of Scenario
        In the order named, with the baseline in front if it is not among them.
    baseline : Scenario
        One of them.

    Raises
    ------
    Refused
        As `loaded`, and if two scenarios have one name.
    """
    scenarios = loaded([*names, *([] if baseline is None else [baseline])], problems)
    several = scenarios[: len(names)]
    base = several[0] if baseline is None else scenarios[-1]
    known = [one.name for one in several]
    twice = {name for name in known if known.count(name) > 1}
    twice |= {one.name for one in several if one.name == base.name and one.digest != base.digest}
    refuse(message("cli.named_twice", name=name) for name in sorted(twice))
    return (several if base.name in known else [base, *several]), base


def asked(paths: str, seed: str, workers: str | None) -> tuple[dict[str, int | None], list[str]]:
    """Read numbers.

    Parameters
    ----------
    paths, seed, workers : str or None
        As typed.

    Returns
    -------
    numbers : dict of str to int or None
        By name; of use only if there are no problems.
    problems : list of str
        What is wrong with them.
    """
    from finance.luck import key_of_seed
    from finance.running.blocks import check_paths, check_workers

    checks: dict[str, tuple[str | None, Callable[[Any], object]]] = {
        "paths": (paths, check_paths),
        "seed": (seed, key_of_seed),
        "workers": (workers, check_workers),
    }
    numbers: dict[str, int | None] = {}
    problems = []
    for name, (text, check) in checks.items():
        numbers[name] = None if text is None else _whole(text)
        if text is None:
            continue
        try:
            check(shortened(text) if numbers[name] is None else numbers[name])
        except ValueError as error:
            problems.append(str(error))
    return numbers, problems


def store_in(out: str | None, report: Callable[[str], None]) -> tuple[RunStore, list[str]]:
    """Return a run store, without making its folder.

    Parameters
    ----------
    out : str or None
        The folder; the default one, if None.
    report : callable
        Told of runs that cannot be read.

    Returns
    -------
    store : RunStore
        Of that folder.
    problems : list of str
        Why nothing could be kept there.
    """
    from finance.running.store import RunStore, default_folder

    folder = default_folder() if out is None else Path(out)
    return RunStore(folder, report), _folder_problems(folder)


def command_line(program: str, names: Sequence[str], baseline: str | None, paths: str, seed: str) -> str:
    """Return what to type for the same result; what does not determine it is left out."""
    words = [program, "compare", *names]
    if baseline is not None:
        words += ["--baseline", baseline]
    return shlex.join([*words, "--paths", paths, "--seed", seed])


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Find the language to speak before anything else is read.

    Parameters
    ----------
    arguments : sequence of str
        What was typed.
    environment : mapping of str to str
        Of the process.

    Returns
    -------
    {"en", "zh"}
        The last ``--language`` that is one, else that of the locale, else English.
    """
    typed = [after for option, after in pairwise(arguments) if option == "--language"]
    typed += [one.partition("=")[2] for one in arguments if one.startswith("--language=")]
    for language in reversed(typed):
        if language in LANGUAGES:
            return language
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in names if name), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def language_problems(language: str | None) -> list[str]:
    """Return what is wrong with a language that was typed; nothing if none was."""
    if language is None or language in LANGUAGES:
        return []
    return [message("language.unknown", given=shortened(language), choices=format_list(LANGUAGES))]


def place_of(file: str) -> str | Path:
    """Return the path of what is there as a file, whatever it is called; anything else may be a name."""
    try:
        return Path(file) if Path(file).exists() else file
    except (OSError, ValueError):  # too long for a path, or with a null character
        return file


def shortened(text: str) -> str:
    """Cut a text that is quoted in a message, lest it fill the screen."""
    return text if len(text) <= _LONGEST_GIVEN else text[: _LONGEST_GIVEN - 1] + "…"


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:  # no number, or one of thousands of digits
        return None


def _takes_files(folder: Path) -> bool:
    """Whether a file can be made in a folder: on write-protected and made-up disks permissions say too much."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _folder_problems(folder: Path) -> list[str]:
    try:
        place = folder.absolute()
        while not place.exists() and place != place.parent:
            place = place.parent
        values = {"folder": str(folder), "blocking": str(place)}
        if not place.is_dir():
            return [message("cli.store_no_folder", **values)]
        if not (os.access(place, os.W_OK | os.X_OK) and _takes_files(place)):
            return [message("cli.store_not_writable", **values)]
    except (OSError, ValueError) as error:  # a name too long, or with a null character
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return [message("cli.store_unusable", folder=shortened(str(folder)), reason=reason)]
    return []
