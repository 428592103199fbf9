"""A block: the paths one task simulates and sums."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from finance.language import format_list, format_number, message
from finance.outcome.layout import Layout
from finance.outcome.sums import LEAF_PATHS, Plan, Tree, leaf_sums

Floats = NDArray[np.float64]

MAX_PATHS = 10_000_000
MAX_WORKERS = 1024
MAX_BLOCK_PATHS = 64 * 2**14

#: A block by default has at most this many paths, and at most this many bytes of per-path vectors.
_BLOCK_PATHS, _BLOCK_BYTES = 1024, 2**26

#: By default a worker gets at least this many blocks, so that the last ones leave no thread idle for long.
_BLOCKS_A_WORKER = 4


class PathSource(Protocol):
    """What simulates paths: all scenarios of a study under the same luck."""

    @property
    def layout(self) -> Layout:
        """The per-path vector."""

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Labels of the scenarios."""

    @property
    def baseline(self) -> int:
        """Which scenario the others are compared with."""

    @property
    def n_pilots(self) -> int:
        """Pilot groups; path p belongs to group p modulo this."""

    def path_vectors(self, first: int, last: int) -> Floats:
        """Simulate paths.

        Called by several threads at once. A path's vector depends on the path alone, not on the block it is
        in.

        Parameters
        ----------
        first, last : int
            Paths first … last − 1.

        Returns
        -------
        ndarray of shape (n_scenarios, last − first, layout.width)
            Their vectors, finite float64.
        """


@dataclass(frozen=True, eq=False)
class Node:
    """Sums over the leaves of one node of the tree (see `finance.outcome.sums.Tree`)."""

    level: int
    index: int
    counts: NDArray[np.int64]
    values: Floats


def check_paths(paths: int) -> int:
    """Return the number of paths; ValueError unless it is a whole number, 1 to 10,000,000."""
    return _whole("paths", paths, 1, MAX_PATHS)


def check_workers(workers: int) -> int:
    """Return the number of workers; ValueError unless it is a whole number, 1 to 1,024."""
    return _whole("workers", workers, 1, MAX_WORKERS)


def check_block_paths(block_paths: int) -> int:
    """Return the paths of a block; ValueError unless they are 64 times a power of two."""
    try:
        whole = operator.index(block_paths)
    except TypeError:
        whole = 0
    leaves = whole // LEAF_PATHS
    if whole % LEAF_PATHS or leaves < 1 or leaves & (leaves - 1) or whole > MAX_BLOCK_PATHS:
        choices = format_list([*(str(LEAF_PATHS * 2**k) for k in range(3)), "…", str(MAX_BLOCK_PATHS)])
        raise ValueError(message("running.block_paths", given=str(block_paths), choices=choices))
    return whole


def default_block_paths(plan: Plan, paths: int, workers: int) -> int:
    """Choose the paths of a block; the results do not depend on it.

    Parameters
    ----------
    plan : Plan
        Says how long and how many the per-path vectors are.
    paths, workers : int
        Of the run.

    Returns
    -------
    int
        The most, as 64 times a power of two, that leaves four blocks a worker and keeps a block's vectors
        within 64 MiB; at least 64.
    """
    path_bytes = 8 * len(plan.scenarios) * plan.width
    limit = min(_BLOCK_PATHS, _BLOCK_BYTES // max(path_bytes, 1), paths // (workers * _BLOCKS_A_WORKER))
    block_paths = LEAF_PATHS
    while block_paths * 2 <= limit:
        block_paths *= 2
    return block_paths


def check_vectors(plan: Plan, vectors: Floats, n_paths: int) -> Floats:
    """Return per-path vectors; ValueError unless they are float64 of the shape the plan expects."""
    wanted = (len(plan.scenarios), n_paths, plan.width)
    if vectors.shape != wanted or vectors.dtype != np.float64:
        raise ValueError(f"path_vectors gave {vectors.dtype} {vectors.shape}, not float64 {wanted}")
    return vectors


def sum_block(plan: Plan, vectors: Floats, shift: Floats, first: int, paths: int) -> Node:
    """Sum a block's paths.

    Parameters
    ----------
    plan : Plan
        What to sum.
    vectors : ndarray of shape (n_scenarios, n_paths, width)
        The block's per-path vectors.
    shift : ndarray of shape (n_scenarios, width)
        Mean of the first leaf of the run.
    first : int
        The block's first path, where a block starts.
    paths : int
        All paths of the run, which fix the tree.

    Returns
    -------
    Node
        Its sums, as high up in the tree as the block alone can take them.

    Raises
    ------
    FloatingPointError
        If a vector has a NaN or an infinite number, naming the component.
    """
    tree = Tree(paths)
    for start in range(0, vectors.shape[1], LEAF_PATHS):
        leaf = vectors[:, start : start + LEAF_PATHS]
        counts, values = leaf_sums(plan, leaf, shift, tree.spare())
        tree.add(0, (first + start) // LEAF_PATHS, counts, values)
    (((level, index), (counts, values)),) = tree.nodes.items()
    if not np.isfinite(values).all():
        raise FloatingPointError(_not_finite(plan, vectors, first))
    return Node(level, index, counts, values)


def _not_finite(plan: Plan, vectors: Floats, first: int) -> str:
    bad = np.argwhere(~np.isfinite(vectors))
    if not len(bad):
        return message("running.overflow", first=str(first))
    s, path, position = (int(place) for place in bad[0])
    layout = plan.registry.layout
    component = next(one.name for one in layout.components if position < layout.slice(one.name).stop)
    return message("running.not_finite", scenario=plan.scenarios[s], component=component, path=str(first + path))


def _whole(name: str, given: int, least: int, most: int) -> int:
    try:
        # True is a whole number to Python, but not to whoever typed it.
        whole = least - 1 if isinstance(given, bool | np.bool_) else operator.index(given)
    except TypeError:
        whole = least - 1
    if not least <= whole <= most:
        low, high = format_number(least), format_number(most)
        raise ValueError(message("running.out_of_range", name=name, given=str(given), low=low, high=high))
    return whole
