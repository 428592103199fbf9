"""Loading a scenario: its file, the baselines below it, and all that is wrong with any of them, at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from finance.scenario.groups import group_of
from finance.scenario.misnamed import MISSING_MESSAGES
from finance.scenario.problems import Problem, ScenarioError, once
from finance.scenario.reading import (
    files_in,
    find_scenario,
    format_problem,
    is_name,
    is_path,
    not_found,
    read_toml,
    scenario_folders,
)
from finance.scenario.resolving import Blame, check_alone, resolve
from finance.scenario.scenario import Scenario, build
from finance.scenario.schema import HEAD_KEYS
from finance.scenario.schema_base import Text
from finance.scenario.shape import Content


@dataclass(frozen=True)
class FoundScenario:
    """A scenario file that was found, by its head alone.

    Attributes
    ----------
    name : str
        The file's stem.
    path : Path
        The file.
    title, question : Text or None
        None where the file does not say, or cannot be read.
    baseline : str or None
        Name of its baseline.
    is_reference : bool
        Whether it is a calibration.
    group : str
        With which others it is listed; `finance.scenario.groups` says which there are.
    expires : date or None
        Day after which its values should be looked at again.
    problems : tuple of Problem
        Why the file cannot be read; `check_file` has the whole list.
    """

    name: str
    path: Path
    title: Text | None
    question: Text | None
    baseline: str | None
    is_reference: bool
    group: str
    expires: dt.date | None
    problems: tuple[Problem, ...]

    @property
    def has_expired(self) -> bool:
        """Whether the day has passed."""
        return self.expires is not None and self.expires < dt.date.today()


@dataclass(frozen=True)
class _Link:
    """One file of a chain of baselines."""

    path: Path
    content: Content

    @property
    def file(self) -> str:
        return str(self.path)


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Load a scenario with its baselines.

    Parameters
    ----------
    name_or_path : str or Path
        A name, looked up in ``./scenarios`` and then among the shipped ones; or a path: it has a slash or
        ends in ``.toml``.

    Returns
    -------
    Scenario
        All values, checked.

    Raises
    ------
    ScenarioError
        With *every* problem of the file and of the baselines below it.
    """
    scenario, problems = _load(name_or_path)
    if scenario is None:
        raise ScenarioError(problems)
    return scenario


def check_file(path: str | Path) -> list[Problem]:
    """Return every problem of a scenario file and of the baselines below it.

    Parameters
    ----------
    path : str or Path
        The file, or a name.

    Returns
    -------
    list of Problem
        Empty for a file that can be used; warnings are the loaded scenario's ``warnings``.
    """
    return _load(path)[1]


def find_scenarios() -> list[FoundScenario]:
    """Return the scenarios that can be loaded by name, sorted; ``./scenarios`` goes before shipped."""
    found: dict[str, FoundScenario] = {}
    for folder in scenario_folders():
        for path in sorted(files_in(folder), key=lambda path: (len(path.parts), str(path))):
            if path.stem not in found and is_name(path.stem):
                found[path.stem] = _head(path, folder)
    return [found[name] for name in sorted(found)]


def _load(name_or_path: str | Path) -> tuple[Scenario | None, list[Problem]]:
    path, problems = _locate(name_or_path)
    if path is None:
        return None, problems
    chain, problems = _chain(path)
    if not chain:
        return None, problems
    if not _is_whole(chain):
        # A baseline that is not found is spoken of already; what its name should look like is the same mistake.
        said = {problem.file for problem in problems if problem.key == "baseline"}
        for link in chain:
            alone = check_alone(link.content, link.file)
            problems += [problem for problem in alone if problem.key != "baseline" or link.file not in said]
        return None, _said_once(problems)
    scenario, more = _assemble(chain)
    problems = _said_once([*problems, *more])
    return (None if problems else scenario), problems


def _locate(name_or_path: str | Path) -> tuple[Path | None, list[Problem]]:
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or is_path(text):
        return Path(name_or_path), []
    found = find_scenario(text)
    if found is None:
        folders = ", ".join(str(folder) for folder in scenario_folders()) or "scenarios"
        return None, [not_found(folders, "name", text)]
    return found, []


def _chain(path: Path) -> tuple[list[_Link], list[Problem]]:
    """Read a file and the baselines below it, from the root to the file, as far as they can be read."""
    chain: list[_Link] = []
    problems: list[Problem] = []
    seen: list[Path] = []
    following: Path | None = path
    while following is not None:
        content, broken = read_toml(following)
        newer = format_problem(content, str(following))
        if broken or newer is not None:
            problems += broken + ([newer] if newer is not None else [])
            break
        seen.append(following.resolve())
        link = _Link(following, content)
        chain.insert(0, link)
        problems += _name_problems(link)
        following, missing = _baseline_of(link)
        problems += missing
        if following is not None and following.resolve() in seen:
            names = [*(place.stem for place in seen[seen.index(following.resolve()) :]), following.stem]
            values = {"chain": " → ".join(names)}
            problems.append(Problem(link.file, "baseline", following.stem, "scenario.cycle", values))
            break
    return chain, problems


def _is_whole(chain: list[_Link]) -> bool:
    """Whether the first file of a chain is a root, so that the others can be resolved."""
    return "baseline" not in chain[0].content


def _name_problems(link: _Link) -> list[Problem]:
    name = link.content.get("name")
    if isinstance(name, str) and name != link.path.stem:
        return [Problem(link.file, "name", name, "scenario.name_not_stem", {"stem": link.path.stem})]
    return []


def _baseline_of(link: _Link) -> tuple[Path | None, list[Problem]]:
    name = link.content.get("baseline")
    if not isinstance(name, str):
        return None, []  # none, or a type that the schema refuses
    if is_path(name) or name in (".", ".."):
        return None, [Problem(link.file, "baseline", name, "scenario.leaves_folders")]
    beside = link.path.parent
    found = find_scenario(name, beside)
    if found is None:
        return None, [not_found(link.file, "baseline", name, beside)]
    return found, []


def _assemble(chain: list[_Link]) -> tuple[Scenario | None, list[Problem]]:
    """Resolve the files of a chain one on the other, going on where one has problems."""
    problems: list[Problem] = []
    scenario: Scenario | None = None
    document: Content | None = None
    reference: Content | None = None
    blame = Blame()
    folders: list[Path] = []
    for link in chain:
        blame.follow(link.file, link.content)
        document, found = resolve(link.content, link.file, document, reference, blame)
        if reference is None or document.get("reference") is True:
            reference = document
        try:
            scenario = build(document, scenario, link.path, found, blame.file_of, folders=folders)
        except ScenarioError as error:
            problems += error.problems
        folders.insert(0, link.path.parent)
    return scenario, problems


def _said_once(problems: list[Problem]) -> list[Problem]:
    """Leave out what was said before: a baseline's mistake is met again in everything built on it."""
    first = {problem.key: problem for problem in reversed(problems) if _is_inherited_gap(problem)}
    return once(first[p.key] if _is_inherited_gap(p) else p for p in problems)


def _is_inherited_gap(problem: Problem) -> bool:
    """Whether something is missing that a file would have had from its baseline; a head is each file's own."""
    return problem.message_id in MISSING_MESSAGES and problem.key.partition(".")[0] not in HEAD_KEYS


def _head(path: Path, folder: Path) -> FoundScenario:
    content, problems = read_toml(path)
    baseline, expires = content.get("baseline"), content.get("expires")
    return FoundScenario(
        name=path.stem,
        path=path,
        title=_text(content.get("title")),
        question=_text(content.get("question")),
        baseline=baseline if isinstance(baseline, str) else None,
        is_reference=content.get("reference") is True,
        group=group_of(path, folder),
        expires=expires if type(expires) is dt.date else None,
        problems=tuple(problems),
    )


def _text(given: object) -> Text | None:
    try:
        return Text.model_validate(given)
    except ValidationError:
        return None
