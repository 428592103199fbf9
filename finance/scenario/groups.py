"""How scenarios are put together where many are listed: by the folder they stand in, as people look for them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TypeVar

GROUPS = ("", "seeds", "programmes", "stress")
"""Groups in the order in which they are listed; the first has no folder: baselines, and what users write."""

_SEEDS_PREFIX = "seeds-"
"""The packages of the two articles stand beside the baseline and are known by their name."""


class Grouped(Protocol):
    """Anything that belongs to a group."""

    @property
    def group(self) -> str:
        """Name of the group."""


Member = TypeVar("Member", bound=Grouped)


def group_of(path: Path, folder: Path) -> str:
    """Return the group of a scenario file.

    Parameters
    ----------
    path : Path
        The file.
    folder : Path
        The scenario folder in which it was found.

    Returns
    -------
    str
        The name of the folder below the scenario folder, of the first of several; without one ``"seeds"`` for the
        packages of the articles and ``""`` for everything else.
    """
    above = path.relative_to(folder).parts[:-1]
    if above:
        return above[0]
    return GROUPS[1] if path.stem.startswith(_SEEDS_PREFIX) else GROUPS[0]


def in_groups(found: Iterable[Member]) -> list[tuple[str, list[Member]]]:
    """Put scenarios together by group.

    Parameters
    ----------
    found : iterable
        Scenarios, in the order in which they are to stand within a group.

    Returns
    -------
    list of (str, list)
        The groups that have any: those of `GROUPS` first, then folders of other names in alphabetical order.
    """
    groups: dict[str, list[Member]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(one)
    known = [name for name in GROUPS if name in groups]
    return [(name, groups[name]) for name in [*known, *sorted(set(groups) - set(known))]]
