"""Sums over paths from which every estimate is made: first and second moments, by pilot group.

Paths are summed by **leaves** of 64 in path order, leaves by a binary tree over their index that is fixed by
the number of paths alone. So the sums have the same bits however the paths were split over blocks, threads
and machines. Second moments are taken about a **shift**, the mean of the first leaf: without it, sums of
squares of large numbers would drown their variance (Chan, Golub and LeVeque 1983, "Algorithms for computing
the sample variance").

Axis order: (pilot group, scenario, position) in what is seen; the sums themselves are one flat row a pilot
group.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from finance.outcome.registry import Registry

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAF_PATHS = 64


class Plan:
    """Which sums are kept, and where each stands.

    Kept a scenario: Σx, Σx², Σxᵢxⱼ for the registry's pairs, Σxxᵀ for its flow vectors. Kept for each
    scenario but the baseline, with b the baseline: the same with the second factor from the baseline, pairs
    in both orders. Kept for all pairs of scenarios, if there are more than two: the products of the headline
    pairs. All x are less the shift.

    Parameters
    ----------
    registry : Registry
        What is needed.
    scenarios : tuple of str
        Their labels, each once.
    baseline : int
        Which of them the others are compared with.
    n_pilots : int
        Pilot groups; path p belongs to group p modulo ``n_pilots``. A divisor of 64, so that every leaf
        starts with group 0.

    Raises
    ------
    ValueError
        If there is no scenario, a label stands twice, or baseline or ``n_pilots`` is not as said.
    """

    def __init__(self, registry: Registry, scenarios: tuple[str, ...], baseline: int, n_pilots: int) -> None:
        if not scenarios or len(set(scenarios)) != len(scenarios):
            raise ValueError(f"scenario labels must be there, each once: {scenarios}")
        if not 0 <= baseline < len(scenarios):
            raise ValueError(f"baseline {baseline} is none of {len(scenarios)} scenarios")
        if n_pilots < 1 or LEAF_PATHS % n_pilots:
            raise ValueError(f"n_pilots must divide {LEAF_PATHS}: {n_pilots}")
        self.registry, self.scenarios, self.baseline, self.n_pilots = registry, scenarios, baseline, n_pilots
        self.width = registry.layout.width
        self.others = tuple(place for place in range(len(scenarios)) if place != baseline)
        n, n_pairs = len(scenarios), len(registry.pairs)
        n_products = sum(len(vector) ** 2 for vector in registry.vectors)
        #: Length of one scenario's second moments, and of one scenario's cross moments with the baseline.
        self.own_length = self.width + n_pairs + n_products
        self.cross_length = self.width + 2 * n_pairs + n_products
        self.n_headline = len(registry.headline_pairs) if n > 2 else 0
        self.own_start = n * self.width
        self.cross_start = self.own_start + n * self.own_length
        self.all_start = self.cross_start + len(self.others) * self.cross_length
        self.length = self.all_start + n * n * self.n_headline

    @cached_property
    def signature(self) -> str:
        """Hash of all that decides what stands where; sums of two plans with one signature can be added."""
        layout = [(one.name, one.dimensions) for one in self.registry.layout.components]
        digest = hashlib.sha256(repr((layout, self.scenarios, self.baseline, self.n_pilots)).encode())
        for positions in (self.registry.pairs, self.registry.headline_pairs, *self.registry.vectors):
            digest.update(np.int64(positions.size).tobytes() + np.ascontiguousarray(positions).tobytes())
        return digest.hexdigest()

    def address(self, s: Integers, i: Integers, t: Integers, j: Integers) -> Integers:
        """Return where Σ xₛᵢ xₜⱼ stands in the flat sums, −1 where it is not kept.

        Parameters
        ----------
        s, i, t, j : ndarray of int
            Scenario and position of either factor; they broadcast.

        Returns
        -------
        ndarray of int
            Places in the last axis of `Sums.values`.
        """
        s, i, t, j = np.broadcast_arrays(s, i, t, j)
        swap = (s == self.baseline) & (t != s)
        s, t = np.where(swap, t, s), np.where(swap, s, t)
        i, j = np.where(swap, j, i), np.where(swap, i, j)
        own = _looked_up(*self._own_places, i * self.width + j)
        cross = _looked_up(*self._cross_places, i * self.width + j)
        row = np.where(s > self.baseline, s - 1, s)
        found = np.where(own >= 0, self.own_start + s * self.own_length + own, -1)
        with_baseline = np.where(cross >= 0, self.cross_start + row * self.cross_length + cross, -1)
        found = np.where(s == t, found, np.where(t == self.baseline, with_baseline, -1))
        if self.n_headline:
            # A headline pair (low, high) stands at [scenario of low, scenario of high].
            pair = _looked_up(*self._headline_places, np.minimum(i, j) * self.width + np.maximum(i, j))
            low, high = np.where(i <= j, s, t), np.where(i <= j, t, s)
            place = self.all_start + (low * len(self.scenarios) + high) * self.n_headline + pair
            found = np.where((found < 0) & (pair >= 0), place, found)
        return found

    @cached_property
    def _own_places(self) -> tuple[Integers, Integers]:
        low, high = self.registry.pairs.T
        return self._sorted([(low, high), (high, low)], [np.arange(len(low))] * 2, self.width + len(low))

    @cached_property
    def _cross_places(self) -> tuple[Integers, Integers]:
        low, high = self.registry.pairs.T
        n = len(low)
        both = [np.arange(n), np.arange(n, 2 * n)]
        return self._sorted([(low, high), (high, low)], both, self.width + 2 * n)

    @cached_property
    def _headline_places(self) -> tuple[Integers, Integers]:
        codes = self.registry.headline_pairs @ np.array([self.width, 1])
        return codes, np.arange(len(codes))

    def _sorted(
        self, pairs: list[tuple[Integers, Integers]], places: list[Integers], vectors_start: int
    ) -> tuple[Integers, Integers]:
        every = np.arange(self.width)
        codes = [every * (self.width + 1)] + [i * self.width + j for i, j in pairs]
        found = [every] + [self.width + place for place in places]
        for vector in self.registry.vectors:
            codes.append((vector[:, None] * self.width + vector).ravel())
            found.append(vectors_start + np.arange(len(vector) ** 2))
            vectors_start += len(vector) ** 2
        unique, first = np.unique(np.concatenate(codes), return_index=True)
        return unique, np.concatenate(found)[first]


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over paths.

    Attributes
    ----------
    plan : Plan
        What stands where.
    shift : ndarray of shape (n_scenarios, width)
        What was taken off every per-path vector.
    counts : ndarray of int, shape (n_pilots,)
        Paths of each pilot group.
    values : ndarray of shape (n_pilots, plan.length)
        The sums.
    """

    plan: Plan
    shift: Floats
    counts: Integers
    values: Floats

    @property
    def paths(self) -> int:
        """Number of paths summed."""
        return int(self.counts.sum())

    @property
    def totals(self) -> Floats:
        """Σx less the shift, of shape (n_pilots, n_scenarios, width)."""
        plan = self.plan
        return self.values[:, : plan.own_start].reshape(-1, len(plan.scenarios), plan.width)

    def means(self) -> Floats:
        """Return the mean per path, of shape (n_scenarios, width), in the components' units."""
        mean: Floats = self.shift + self.totals.sum(axis=0) / self.paths
        return mean


def leaf_shift(vectors: Floats) -> Floats:
    """Return the shift: the mean of the first leaf.

    Parameters
    ----------
    vectors : ndarray of shape (n_scenarios, n_paths, width)
        Per-path vectors from path 0 on.

    Returns
    -------
    ndarray of shape (n_scenarios, width)
        Their mean over the first 64 paths, or over all if there are fewer.
    """
    shift: Floats = np.ascontiguousarray(vectors[:, :LEAF_PATHS]).mean(axis=1)
    return shift


def leaf_sums(plan: Plan, vectors: Floats, shift: Floats, out: Floats | None = None) -> tuple[Integers, Floats]:
    """Sum the paths of one leaf.

    Parameters
    ----------
    plan : Plan
        What to sum.
    vectors : ndarray of shape (n_scenarios, n_paths, width)
        Per-path vectors of at most 64 paths, the first of pilot group 0.
    shift : ndarray of shape (n_scenarios, width)
        Taken off every vector.
    out : ndarray of shape (n_pilots, plan.length), optional
        Where the sums go, whatever it holds; a new array if left out.

    Returns
    -------
    counts : ndarray of int, shape (n_pilots,)
        Paths of each pilot group.
    values : ndarray of shape (n_pilots, plan.length)
        The sums, laid out as `Plan` says.
    """
    n, width = len(plan.scenarios), plan.width
    counts = np.zeros(plan.n_pilots, dtype=np.int64)
    values = np.empty((plan.n_pilots, plan.length)) if out is None else out
    values[vectors.shape[1] :] = 0.0  # groups that a short last leaf does not reach
    for group in range(min(plan.n_pilots, vectors.shape[1])):
        part = values[group]
        totals = part[: plan.own_start].reshape(n, width)
        own = part[plan.own_start : plan.cross_start].reshape(n, plan.own_length)
        cross = part[plan.cross_start : plan.all_start].reshape(len(plan.others), plan.cross_length)
        base = _Factors(plan, vectors[plan.baseline, group :: plan.n_pilots] - shift[plan.baseline])
        counts[group] = len(base.x)
        base.sum_own(totals[plan.baseline], own[plan.baseline])
        for row, s in enumerate(plan.others):
            factors = _Factors(plan, vectors[s, group :: plan.n_pilots] - shift[s])
            factors.sum_own(totals[s], own[s])
            factors.sum_cross(base, cross[row])
        if plan.n_headline:
            x = vectors[:, group :: plan.n_pilots] - shift[:, None]
            low, high = plan.registry.headline_pairs.T
            everywhere = part[plan.all_start :].reshape(n, n, plan.n_headline)
            np.einsum("spq,tpq->stq", x[..., low], x[..., high], out=everywhere)
    return counts, values


class _Factors:
    """One scenario's shifted vectors (path, position) with the factors of its products picked out once."""

    def __init__(self, plan: Plan, x: Floats) -> None:
        self.plan, self.x = plan, x
        low, high = plan.registry.pairs.T
        self.low, self.high = np.take(x, low, axis=1), np.take(x, high, axis=1)
        self.vectors = [np.take(x, vector, axis=1) for vector in plan.registry.vectors]

    def sum_own(self, total: Floats, out: Floats) -> None:
        width, n_pairs = self.plan.width, self.low.shape[1]
        np.add.reduce(self.x, axis=0, out=total)
        _sum_products(self.x, self.x, out[:width])
        _sum_products(self.low, self.high, out[width : width + n_pairs])
        self._sum_vectors(self, out[width + n_pairs :])

    def sum_cross(self, base: _Factors, out: Floats) -> None:
        width, n_pairs = self.plan.width, self.low.shape[1]
        _sum_products(self.x, base.x, out[:width])
        _sum_products(self.low, base.high, out[width : width + n_pairs])
        _sum_products(self.high, base.low, out[width + n_pairs : width + 2 * n_pairs])
        self._sum_vectors(base, out[width + 2 * n_pairs :])

    def _sum_vectors(self, other: _Factors, out: Floats) -> None:
        start = 0
        for mine, theirs in zip(self.vectors, other.vectors, strict=True):
            size = mine.shape[1] ** 2
            np.matmul(mine.T, theirs, out=out[start : start + size].reshape(mine.shape[1], -1))
            start += size


def _sum_products(left: Floats, right: Floats, out: Floats) -> None:
    np.einsum("pw,pw->w", left, right, out=out)


def _looked_up(codes: Integers, places: Integers, wanted: Integers) -> Integers:
    """Return the place of each wanted code in sorted ``codes``, −1 where it is not there."""
    if not len(codes):
        return np.full(np.shape(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
    return np.where(codes[at] == wanted, places[at], -1)


class Tree:
    """Adds up pieces of the paths in the order of a fixed binary tree, whatever order they come in.

    Node (level, index) covers the leaves from index·2^level up to (index + 1)·2^level. Its sums are those of
    its two halves added, or those of its left half where the right one lies beyond the last leaf. Only nodes
    whose neighbour is missing are kept: as many as there are levels, and a few more for each piece still out.

    Parameters
    ----------
    paths : int
        Number of all paths.
    """

    def __init__(self, paths: int) -> None:
        self.n_leaves = -(-paths // LEAF_PATHS)
        self.top = (self.n_leaves - 1).bit_length()
        self.nodes: dict[tuple[int, int], tuple[Integers, Floats]] = {}
        self._spare: list[Floats] = []

    def add(self, level: int, index: int, counts: Integers, values: Floats) -> tuple[int, int]:
        """Take in the sums of a node, which the tree may change from then on.

        Parameters
        ----------
        level, index : int
            The node.
        counts : ndarray of int, shape (n_pilots,)
            Its paths.
        values : ndarray of shape (n_pilots, length)
            Its sums.

        Returns
        -------
        tuple of int
            Level and index of the node that now holds the piece.
        """
        while level < self.top:
            neighbour = (level, index ^ 1)
            if neighbour in self.nodes:
                other_counts, other_values = self.nodes.pop(neighbour)
                counts = counts + other_counts
                values = np.add(values, other_values, out=values)
                self._spare = [*self._spare[-1:], other_values]
            elif index % 2 or (index + 1) << level < self.n_leaves:
                break
            level, index = level + 1, index // 2
        self.nodes[level, index] = (counts, values)
        return level, index

    def spare(self) -> Floats | None:
        """Hand out an array whose sums have been added to others, None if there is none.

        The arrays are large: filling a used one spares the system from clearing new memory for every leaf.
        """
        return self._spare.pop() if self._spare else None

    @property
    def paths(self) -> int:
        """Paths taken in so far."""
        return sum(int(counts.sum()) for counts, _ in self.nodes.values())

    def root(self) -> tuple[Integers, Floats]:
        """Return counts and sums of all paths; KeyError while some are missing."""
        return self.nodes[self.top, 0]
