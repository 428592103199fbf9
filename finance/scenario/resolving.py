"""From what a file says and what its baseline holds to one whole document, with everything wrong in it."""

from __future__ import annotations

from collections.abc import Sequence

from finance.scenario.checking import FileOf, field_problems
from finance.scenario.deltas import merge
from finance.scenario.problems import Problem
from finance.scenario.ranges import effective_ranges, range_problems
from finance.scenario.rules import rule_problems
from finance.scenario.schema import ScenarioFields
from finance.scenario.shape import UNSTATED, Content, Path, at, scenario_shape
from finance.scenario.sources import SET_IN_CODE, changed_paths, covering, key_problems, missing_sources
from finance.scenario.sources import read_sources as read_own_sources

MISSING_MESSAGES = frozenset({"scenario.missing_value", "scenario.missing_table"})
"""Ids of the messages about values that no file of the chain states."""


def resolve(
    delta: Content,
    file: str,
    baseline: Content | None,
    reference: Content | None,
    file_of: FileOf,
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
    file_of : callable
        The file to blame for a key path.
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
    problems += [
        problem
        for problem in field_problems(ScenarioFields, scenario_shape(), document, file_of)
        if not _is_said(problem.key, reported)
    ]
    problems += rule_problems(document, reference, file_of)
    return document, problems


def check_alone(delta: Content, file: str) -> list[Problem]:
    """Return what can be said of a file without its baseline: all but what depends on the baseline."""
    sources, problems = read_own_sources(delta.get("sources", {}), file)
    document = delta | {"sources": sources}
    fields = field_problems(ScenarioFields, scenario_shape(), document, lambda _: file)
    return problems + [problem for problem in fields if problem.message_id not in MISSING_MESSAGES]


def last_to_say(chain: Sequence[tuple[str, Content]]) -> FileOf:
    """Return a function that names the file which last set a key path.

    Parameters
    ----------
    chain : sequence of (str, dict)
        File and what it says, from the root to the file itself.

    Returns
    -------
    callable
        Where no file says anything at the path, the file that says most of the way to it, the last one first.
    """

    def file_of(path: Path) -> str:
        for length in range(len(path), 0, -1):
            for file, content in reversed(chain):
                if at(content, path[:length], UNSTATED) is not UNSTATED:
                    return file
        return chain[-1][0]

    return file_of


def _is_said(key: str, reported: set[str]) -> bool:
    """Whether the head's own checks have dealt with a source or range, in clearer words than the schema's."""
    head, _, rest = key.partition(".")
    return head in ("sources", "ranges") and (
        key in reported or any(other.startswith(f'{head}."{rest}') for other in reported)
    )
