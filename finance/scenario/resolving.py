"""From what a file says and what its baseline holds to one whole document, with everything wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from finance.scenario.checking import field_problems
from finance.scenario.deltas import merge
from finance.scenario.misnamed import MISSING_MESSAGES, misnamed_tables, without
from finance.scenario.problems import NO_VALUE, Problem
from finance.scenario.ranges import effective_ranges, range_problems
from finance.scenario.rules import rule_problems
from finance.scenario.schema import HEAD_KEYS, ScenarioFields
from finance.scenario.shape import UNSTATED, Content, Path, at, scenario_shape
from finance.scenario.sources import SET_IN_CODE, changed_paths, covering, key_problems, missing_sources
from finance.scenario.sources import read_sources as read_own_sources


class Blame:
    """Says to which file of a chain of baselines a problem belongs, while the chain is built from its root.

    A value that is wrong by itself belongs to the file which set it. A rule between values belongs to the file
    with which it was first broken: it may state one of the values only, and have the other from below.
    """

    def __init__(self) -> None:
        self._chain: list[tuple[str, Content]] = []
        self._broken: dict[tuple[str, ...], str] = {}

    @classmethod
    def on(cls, file: str) -> Blame:
        """Return one that blames a single file for everything."""
        blame = cls()
        blame.follow(file, {})
        return blame

    def follow(self, file: str, content: Content) -> None:
        """Go on to the next file of the chain and what it says."""
        self._chain.append((file, content))

    def file_of(self, path: Path) -> str:
        """Name the file which last set a key path.

        Parameters
        ----------
        path : tuple of str
            The key path.

        Returns
        -------
        str
            Where no file says anything at the path, the file that says most of the way to it, the last one
            first. The head is not inherited: it is the last file's, save for ranges, which are.
        """
        newest = self._chain[-1][0]
        if path and path[0] in HEAD_KEYS and path[0] != "ranges":
            return newest
        for length in range(len(path), 0, -1):
            for file, content in reversed(self._chain):
                if at(content, path[:length], UNSTATED) is not UNSTATED:
                    return file
        return newest

    def of_rules(self, problems: list[Problem]) -> list[Problem]:
        """Give the breaches of rules to the files that brought them.

        Parameters
        ----------
        problems : list of Problem
            All breaches in the newest document, each blamed on the file that states the value.

        Returns
        -------
        list of Problem
            Blamed on the newest file, which is said not to state the value if so; or on the file below with which
            the same breach was there before, unless the newest file states the value anew.
        """
        newest = self._chain[-1][0]
        broken: dict[tuple[str, ...], str] = {}
        given = []
        for problem in problems:
            breach = (problem.key, problem.message_id, repr(problem.value), repr(problem.values))
            states_it = problem.file == newest and problem.value is not NO_VALUE
            file = newest if states_it else self._broken.get(breach, newest)
            broken[breach] = file
            given.append(replace(problem, file=file, origin="" if problem.file == file else problem.file))
        self._broken = broken
        return given


def resolve(
    delta: Content,
    file: str,
    baseline: Content | None,
    reference: Content | None,
    blame: Blame,
    *,
    in_code: bool = False,
) -> tuple[Content, list[Problem]]:
    """Merge a file's content into its baseline's and check the result.

    Parameters
    ----------
    delta : dict
        What the file says.
    file : str
        The file's name, or that of a scenario made in code.
    baseline : dict or None
        The baseline's resolved document; None for a root.
    reference : dict or None
        The resolved document of the nearest reference scenario below; None for a root.
    blame : Blame
        Of the chain up to this file.
    in_code : bool
        Whether a program made the change: missing sources are then filled with `SET_IN_CODE`.

    Returns
    -------
    document : dict
        Head and values; sources in one form; ranges with those inherited.
    problems : list of Problem
        Everything that is wrong with it.
    """
    before = baseline or {}
    merged, problems = merge(baseline, delta, file)
    sources, source_problems = read_own_sources(delta.get("sources", {}), file)
    problems += source_problems + key_problems(sources, merged, before, file)
    if in_code:
        uncovered = [path for path in changed_paths(before, merged) if covering(path, sources) is None]
        filled, _ = read_own_sources({".".join(path): SET_IN_CODE for path in uncovered}, file)
        sources |= filled
    else:
        problems += missing_sources(sources, before, merged, file)
    own_ranges = delta.get("ranges", {})
    problems += range_problems(own_ranges, merged, file)
    ranges = effective_ranges(own_ranges, before.get("ranges", {}), before, merged)
    document = merged | {"sources": sources, "ranges": ranges}
    reported = {problem.key for problem in problems}
    fields = field_problems(ScenarioFields, scenario_shape(), document, blame.file_of)
    problems = [problem for problem in problems if not _is_of_missing(problem, fields)]
    problems += [problem for problem in fields if not _is_said(problem.key, reported)]
    slips = misnamed_tables(document, before, fields, in_code=in_code)
    problems = [problem for problem in problems if not any(slip.entails(problem) for slip in slips)]
    problems += [slip.problem(blame.file_of) for slip in slips]
    problems += blame.of_rules(rule_problems(without(document, slips), baseline, reference, blame.file_of))
    return document, problems


def check_alone(delta: Content, file: str) -> list[Problem]:
    """Return what can be said of a file without its baseline: all but what depends on the baseline."""
    sources, problems = read_own_sources(delta.get("sources", {}), file)
    document = delta | {"sources": sources}
    fields = field_problems(ScenarioFields, scenario_shape(), document, lambda _: file)
    return problems + [problem for problem in fields if problem.message_id not in MISSING_MESSAGES]


def _is_of_missing(problem: Problem, fields: Sequence[Problem]) -> bool:
    """Whether a source or range has nothing to belong to because its value is missing, which is the mistake."""
    if problem.message_id not in ("scenario.source_of_nothing", "scenario.range_of_nothing"):
        return False
    missing = [one.key for one in fields if one.message_id in MISSING_MESSAGES]
    return any(problem.key == f'{head}."{key}"' for key in missing for head in ("sources", "ranges"))


def _is_said(key: str, reported: set[str]) -> bool:
    """Whether the head's own checks have dealt with a source or range, in clearer words than the schema's."""
    head, _, rest = key.partition(".")
    return head in ("sources", "ranges") and (
        key in reported or any(other.startswith(f'{head}."{rest}') for other in reported)
    )
