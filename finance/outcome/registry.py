"""The registry of measures: each reported number defined once, as a function of means over paths.

A measure is g(mean of a per-path vector): a mean, a ratio of means, a pooled internal rate of return, or a
quantile of a histogram. From the definitions follow the rows of every table and which second moments have to
be summed so that the delta method can give each row its interval. No number is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from finance.outcome.layout import Dimension, Label, Layout, Selection


@dataclass(frozen=True)
class Mean:
    """The mean per path of a component, a row for each of its labels."""

    component: str


@dataclass(frozen=True)
class Ratio:
    """The mean of one component over the mean of another, row by row.

    Attributes
    ----------
    numerator : str
        Component whose dimensions are those of the rows.
    denominator : str
        Component whose dimensions are among the numerator's; where it lacks one, it serves all of its labels.
        A denominator with mean 0 leaves the ratio undefined.
    """

    numerator: str
    denominator: str


@dataclass(frozen=True)
class PooledRate:
    """The internal rate of return of mean flows: one rate for all money of a row, a rate a year.

    Attributes
    ----------
    component : str
        Flows in the investor's sign.
    axis : str
        Its dimension that is time; label k stands k / periods_per_year years after the first.
    periods_per_year : int
        Columns of ``axis`` in a year.
    """

    component: str
    axis: str = "year"
    periods_per_year: int = 1


@dataclass(frozen=True)
class Quantile:
    """A quantile over everything counted on all paths, from cumulative counts on fixed bins.

    Attributes
    ----------
    component : str
        Counts per path at or below each bin's upper edge; the last bin holds the count of all.
    axis : str
        Its dimension that is the bins.
    edges : tuple of float
        One more than there are bins, rising. The last may be infinite: a quantile in that bin is undefined.
        Within a bin the quantile is interpolated, so it errs by less than the bin's width.
    probability : float
        Share of all at or below the quantile, between 0 and 1.
    factor : float
        Multiplies the edges' unit into the measure's (0.25 for edges in quarters, measure in years).
    pairs_all_bins : bool
        Whether the joint counts of all pairs of bins are summed, the square of the number of bins for each
        row and scenario. Without them a difference of quantiles that lie some bins apart has too wide an
        interval: its covariance is taken at one point (`finance.outcome.estimates`). Leave them out where
        rows are many. With them, where both scenarios' counts move in lockstep, the linear parts cancel and
        the interval is a little short (it held the truth in 90 of 100 runs of a trial).
    """

    component: str
    axis: str
    edges: tuple[float, ...]
    probability: float = 0.5
    factor: float = 1.0
    pairs_all_bins: bool = True

    def __post_init__(self) -> None:
        if not 0.0 < self.probability < 1.0:
            raise ValueError(f"a quantile's probability lies between 0 and 1, not {self.probability}")
        if len(self.edges) < 2 or np.any(np.diff(self.edges) <= 0.0):
            raise ValueError(f"bin edges must rise: {self.edges}")


def Median(component: str, axis: str, edges: tuple[float, ...], factor: float = 1.0) -> Quantile:  # noqa: N802
    """Return the `Quantile` with probability one half."""
    return Quantile(component, axis, edges, 0.5, factor)


@dataclass(frozen=True)
class Plain:
    """A number that is not simulated: handed over with the results, shown without an interval.

    Attributes
    ----------
    dimensions : tuple of (name, labels)
        Its rows.
    """

    dimensions: tuple[Dimension, ...] = ()


Kind = Mean | Ratio | PooledRate | Quantile | Plain


@dataclass(frozen=True)
class Measure:
    """One reported measure.

    Attributes
    ----------
    name, table : str
        Machine names, as in ``total_gap`` and ``gap_by_stage``.
    unit : str
        Machine name of the unit.
    definition : str
        Message id of the sentence that says what it is.
    kind : Mean, Ratio, PooledRate, Quantile or Plain
        How it comes from the means over paths.
    at : mapping
        Which part of the components it takes: one label of a dimension (which then is no dimension of the
        measure) or a tuple of labels. For a ratio it holds for the denominator too where that has the
        dimension.
    labels : mapping
        Dimensions the components do not have, the same in all rows (as ``quantile = "p05"``).
    keep_null : bool
        Whether an undefined value keeps its row, null, instead of being left out.
    headline : bool
        Whether the moments between all pairs of scenarios are summed, not only those with the baseline, so
        that combinations over many scenarios have an interval. Means and ratios only.
    """

    name: str
    table: str
    unit: str
    definition: str
    kind: Kind
    at: Selection = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)
    keep_null: bool = False
    headline: bool = False


@dataclass(frozen=True)
class Joint:
    """Components that a function of the lead's own combines: their moments with one another are summed too.

    Attributes
    ----------
    components : tuple of str
        Combined row by row, as numerator and denominators of a ratio: the first has all the dimensions.
    at : mapping
        As in `Measure`.
    """

    components: tuple[str, ...]
    at: Selection = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of one measure, expanded.

    Attributes
    ----------
    measure : Measure
        What they are rows of.
    columns : dict of str to list of labels
        Dimension → its label in each row.
    support : ndarray of int, shape (n_rows, n_positions)
        Positions in the per-path vector that a row depends on: its mean; numerator and denominator; the
        flows; the cumulative counts. No position for a `Plain` measure.
    """

    measure: Measure
    columns: dict[str, list[Label]]
    support: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.support)

    def place(self, labels: Mapping[str, Label]) -> int:
        """Return the row with these labels; KeyError unless there is exactly one."""
        unknown = set(labels) - set(self.columns)
        found = [
            row
            for row in range(len(self))
            if not unknown and all(self.columns[name][row] == label for name, label in labels.items())
        ]
        if len(found) != 1:
            name = f"{self.measure.table}.{self.measure.name}"
            raise KeyError(f"{name} has {len(found)} rows with {dict(labels)}")
        return found[0]


class Registry:
    """All measures of a study, with their rows and the second moments they need.

    Parameters
    ----------
    layout : Layout
        The per-path vector.
    measures : iterable of Measure
        In the order in which they are reported.
    joint : iterable of Joint
        Further components whose moments with one another are wanted.

    Attributes
    ----------
    rows : tuple of Rows
        One entry a measure, in order.
    tables : dict of str to tuple of str
        Table → its dimensions, in order.
    pairs : ndarray of int, shape (n_pairs, 2)
        Positions whose products are summed, the lower first; each position with itself is summed besides.
    vectors : tuple of ndarray of int
        Positions of each flow vector, and of each histogram that asks for it: all their pairs are summed.
    headline_pairs : ndarray of int, shape (n, 2)
        Pairs, the lower first or both the same, that are summed between all scenarios.

    Raises
    ------
    ValueError
        If a row is defined twice, the measures of a table differ in their dimensions, or a measure does not
        fit its components.
    """

    def __init__(self, layout: Layout, measures: Iterable[Measure], joint: Iterable[Joint] = ()) -> None:
        self.layout = layout
        self.measures = tuple(measures)
        self.joint = tuple(joint)
        self.rows = tuple(_expanded(layout, measure) for measure in self.measures)
        self._by_name: dict[tuple[str, str], list[Rows]] = {}
        for rows in self.rows:
            self._by_name.setdefault((rows.measure.table, rows.measure.name), []).append(rows)
        named = dict.fromkeys(measure.table for measure in self.measures)
        self.tables = {table: self._dimensions(table) for table in named}
        self._refuse_doubles()
        needed = [_needed_pairs(rows) for rows in self.rows]
        needed += [_joint_pairs(layout, one) for one in self.joint]
        apart = np.concatenate([np.empty((0, 2), dtype=np.int64), *needed])
        self.pairs = _each_once(apart[apart[:, 0] != apart[:, 1]])
        self.vectors = tuple(
            vector for rows in self.rows if _sums_all_pairs(rows.measure.kind) for vector in rows.support
        )
        self.headline_pairs = _headline_pairs(self.rows)

    def find(self, table: str, name: str, labels: Mapping[str, Label]) -> tuple[Rows, int]:
        """Return the rows of a measure and which of them has the labels.

        Raises
        ------
        KeyError
            Unless exactly one row of the measure has the labels.
        """
        for rows in self._by_name.get((table, name), []):
            if all(rows.measure.labels.get(key, label) == label for key, label in labels.items()):
                return rows, rows.place(labels)
        raise KeyError(f"no measure {table}.{name} with {dict(labels)} is registered")

    def _dimensions(self, table: str) -> tuple[str, ...]:
        found = {tuple(rows.columns) for rows in self.rows if rows.measure.table == table}
        if len({frozenset(names) for names in found}) != 1:
            raise ValueError(f"the measures of table {table!r} differ in their dimensions: {sorted(found)}")
        return next(tuple(rows.columns) for rows in self.rows if rows.measure.table == table)

    def _refuse_doubles(self) -> None:
        seen: set[tuple[object, ...]] = set()
        for rows in self.rows:
            names = self.tables[rows.measure.table]
            for row in range(len(rows)):
                labels = tuple(rows.columns[name][row] for name in names)
                key = (rows.measure.table, rows.measure.name, labels)
                if key in seen:
                    raise ValueError(f"defined twice: {key}")
                seen.add(key)


def _expanded(layout: Layout, measure: Measure) -> Rows:
    dimensions, support = _support(layout, measure)
    if measure.headline and not isinstance(measure.kind, Mean | Ratio):
        raise ValueError(f"{measure.table}.{measure.name}: only a mean or a ratio can be a headline")
    both = set(measure.labels) & {name for name, _ in dimensions}
    if both:
        raise ValueError(f"{measure.table}.{measure.name}: {sorted(both)} is already a dimension")
    places = list(product(*(labels for _, labels in dimensions)))
    columns: dict[str, list[Label]] = {
        name: [place[axis] for place in places] for axis, (name, _) in enumerate(dimensions)
    }
    columns.update({name: [label] * len(places) for name, label in measure.labels.items()})
    return Rows(measure, columns, support.reshape(len(places), -1))


def _support(layout: Layout, measure: Measure) -> tuple[tuple[Dimension, ...], NDArray[np.int64]]:
    kind = measure.kind
    if isinstance(kind, Plain):
        size = int(np.prod([len(labels) for _, labels in kind.dimensions], dtype=np.int64))
        return kind.dimensions, np.empty((size, 0), dtype=np.int64)
    if isinstance(kind, Mean):
        return layout.select(kind.component, measure.at)
    if isinstance(kind, Ratio):
        return _matched(layout, (kind.numerator, kind.denominator), measure.at)
    dimensions, positions = layout.select(kind.component, measure.at)
    names = [name for name, _ in dimensions]
    if kind.axis not in names:
        raise ValueError(f"{measure.table}.{measure.name}: {kind.component!r} has no dimension {kind.axis!r}")
    axis = names.index(kind.axis)
    if isinstance(kind, Quantile) and positions.shape[axis] != len(kind.edges) - 1:
        raise ValueError(f"{measure.table}.{measure.name}: {positions.shape[axis]} bins need one edge more")
    return dimensions[:axis] + dimensions[axis + 1 :], np.moveaxis(positions, axis, -1)


def _matched(
    layout: Layout, components: tuple[str, ...], at: Selection
) -> tuple[tuple[Dimension, ...], NDArray[np.int64]]:
    """Line up components row by row with the first, each serving all labels of a dimension it lacks."""
    dimensions, first = layout.select(components[0], at)
    names = [name for name, _ in dimensions]
    columns = [first.ravel()]
    for component in components[1:]:
        has = {name for name, _ in layout.component(component).dimensions}
        own, positions = layout.select(component, {name: label for name, label in at.items() if name in has})
        if any(one not in dimensions for one in own):
            raise ValueError(f"{component!r} with {own} does not fit {components[0]!r} with {dimensions}")
        order = sorted(range(len(own)), key=lambda axis, own=own: names.index(own[axis][0]))  # type: ignore[misc]
        lengths = [len(labels) if (name, labels) in own else 1 for name, labels in dimensions]
        columns.append(np.broadcast_to(positions.transpose(order).reshape(lengths), first.shape).ravel())
    return dimensions, np.stack(columns, axis=-1)


def _needed_pairs(rows: Rows) -> NDArray[np.int64]:
    kind, support = rows.measure.kind, rows.support
    if isinstance(kind, Ratio):
        return support
    if isinstance(kind, Quantile) and not kind.pairs_all_bins:
        # The quantile depends on the two counts that bracket it, which are neighbours, and on the count of
        # all.
        neighbours = np.stack([support[:, :-1], support[:, 1:]], axis=-1)
        with_all = np.stack([support, np.broadcast_to(support[:, -1:], support.shape)], axis=-1)
        return np.concatenate([neighbours.reshape(-1, 2), with_all.reshape(-1, 2)])
    return np.empty((0, 2), dtype=np.int64)


def _sums_all_pairs(kind: Kind) -> bool:
    return isinstance(kind, PooledRate) or (isinstance(kind, Quantile) and kind.pairs_all_bins)


def _joint_pairs(layout: Layout, joint: Joint) -> NDArray[np.int64]:
    _, support = _matched(layout, joint.components, joint.at)
    chosen = list(combinations(range(support.shape[1]), 2))
    return np.concatenate([np.empty((0, 2), dtype=np.int64)] + [support[:, list(two)] for two in chosen])


def _headline_pairs(rows: tuple[Rows, ...]) -> NDArray[np.int64]:
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for one in rows:
        if one.measure.headline:
            first, last = one.support[:, 0], one.support[:, -1]
            pairs += [np.stack(two, axis=-1) for two in ((first, first), (first, last), (last, last))]
    return _each_once(np.concatenate(pairs))


def _each_once(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    unique: NDArray[np.int64] = np.unique(np.sort(pairs, axis=1), axis=0)
    return unique
