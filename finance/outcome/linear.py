"""Value and gradient of each kind of measure at the means over paths: the input of the delta method.

An estimate is g(x̄), x̄ the mean vector over paths. For small errors g(x̄) − g(μ) = Σ wᵢ (x̄ᵢ − μᵢ) with w
the gradient, so its variance is w′ Cov(x̄) w (Oehlert 1992, "A note on the delta method").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finance.outcome.registry import Mean, PooledRate, Quantile, Ratio, Rows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Linear:
    """Rows of one measure, linearised at the means.

    Attributes
    ----------
    value : ndarray of shape (n_scenarios, n_rows)
        NaN where undefined.
    index : ndarray of int, shape (n_scenarios, n_rows, n_terms)
        Positions in the per-path vector.
    weight : ndarray of shape (n_scenarios, n_rows, n_terms)
        Derivative of the value by the mean at each position; 0 where the value is undefined, NaN where the
        value exists and its derivative does not.
    """

    value: Floats
    index: Integers
    weight: Floats


@dataclass(frozen=True, eq=False)
class Brackets:
    """The bin and the place in it where cumulative counts reach a probability.

    Attributes
    ----------
    last_bin : ndarray of int, shape (n_scenarios, n_rows)
        The bin that holds the quantile.
    place : ndarray of shape (n_scenarios, n_rows)
        How far into the bin, 0–1.
    slope : ndarray of shape (n_scenarios, n_rows)
        Counts per unit of the measure in that bin; NaN where the quantile is undefined.
    """

    last_bin: Integers
    place: Floats
    slope: Floats


def linearise(rows: Rows, means: Floats) -> Linear:
    """Compute the rows of a measure, with gradients.

    Parameters
    ----------
    rows : Rows
        Rows of any kind but `Plain`.
    means : ndarray of shape (n_scenarios, width)
        Means over paths.

    Returns
    -------
    Linear
        Values and gradients for every scenario.

    Raises
    ------
    TypeError
        For rows of a `Plain` measure, which are no function of the means.
    """
    kind = rows.measure.kind
    x = means[:, rows.support]
    index = np.broadcast_to(rows.support, x.shape)
    if isinstance(kind, Mean):
        return Linear(x[..., 0], index, np.ones_like(x))
    if isinstance(kind, Ratio):
        return _ratio(x, index)
    if isinstance(kind, PooledRate):
        return _pooled_rate(x, index, kind.periods_per_year)
    if isinstance(kind, Quantile):
        return _quantile(kind, x, rows.support)
    raise TypeError(f"{rows.measure.table}.{rows.measure.name} is no function of means over paths")


def _ratio(x: Floats, index: Integers) -> Linear:
    """Value a/b, gradient (1/b, −a/b²)."""
    a, b = x[..., 0], x[..., 1]
    exists = b != 0.0
    b = np.where(exists, b, 1.0)
    weight = np.where(exists[..., None], np.stack([1.0 / b, -a / b**2], axis=-1), 0.0)
    return Linear(np.where(exists, a / b, np.nan), index, weight)


def _pooled_rate(x: Floats, index: Integers, periods_per_year: int) -> Linear:
    """Root r of Σ xₖ (1+r)^(−k/p) = 0; by the implicit function theorem ∂r/∂xₖ = −(1+r)^(−k/p) ÷ ∂Σ/∂r."""
    from finance.fund import measures  # late: the search is compiled, and only rates need it

    rate = np.asarray(measures.irr(x, periods_per_year=periods_per_year), dtype=np.float64)
    is_inside = np.isfinite(rate) & (rate > -1.0)
    growth = np.where(is_inside, 1.0 + rate, 1.0)[..., None]
    years = np.arange(x.shape[-1]) / periods_per_year
    # Anchored at the end where the factors are largest, so that none overflows; the ratio is unchanged.
    anchor = np.where(growth < 1.0, years[-1], 0.0)
    discount = growth ** (anchor - years)
    slope = -(x * years * discount).sum(axis=-1, keepdims=True) / growth
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = np.where(slope != 0.0, -discount / slope, np.nan)
    # A total loss (−1) stays one under any small change of what was paid in: it has no gradient to speak of.
    return Linear(rate, index, np.where(is_inside[..., None], weight, 0.0))


def _quantile(kind: Quantile, counts: Floats, support: Integers) -> Linear:
    brackets = find_brackets(kind, counts)
    lower = np.array(kind.edges)[brackets.last_bin]
    upper = np.array(kind.edges)[brackets.last_bin + 1]
    exists = np.isfinite(brackets.slope)
    width = np.where(exists, upper - np.where(exists, lower, 0.0), 0.0)
    value = np.where(exists, kind.factor * (lower + brackets.place * width), np.nan)
    index, weight = count_weights(counts, support, brackets, brackets.slope)
    return Linear(value, index, weight)


def find_brackets(kind: Quantile, counts: Floats) -> Brackets:
    """Find where cumulative counts reach the quantile's probability.

    Parameters
    ----------
    kind : Quantile
        Probability, edges and factor.
    counts : ndarray of shape (n_scenarios, n_rows, n_bins)
        Mean cumulative counts, the last those of all.

    Returns
    -------
    Brackets
        ``slope`` is NaN where nothing was counted or the bin is infinite.
    """
    target = kind.probability * counts[..., -1:]
    last_bin = np.argmax(counts >= target, axis=-1)
    above = np.take_along_axis(counts, last_bin[..., None], axis=-1)[..., 0]
    below = _count_below(counts, last_bin)
    mass = above - below
    edges = np.array(kind.edges)
    width = kind.factor * np.diff(edges)[last_bin]
    exists = (counts[..., -1] > 0.0) & (mass > 0.0) & np.isfinite(width)
    mass = np.where(exists, mass, 1.0)
    place = np.where(exists, (target[..., 0] - below) / mass, 0.0)
    slope = np.where(exists, mass / np.where(exists, width, 1.0), np.nan)
    return Brackets(last_bin.astype(np.int64), place, slope)


def count_weights(counts: Floats, support: Integers, brackets: Brackets, slope: Floats) -> tuple[Integers, Floats]:
    """Linearise a quantile through the share at or below a point.

    With c the cumulative counts at the point, interpolated in its bin, n the count of all, F = c/n and f the
    density, a quantile moves by −dF/f = −(dc − F dn)/slope.

    Parameters
    ----------
    counts : ndarray of shape (n_scenarios, n_rows, n_bins)
        Mean cumulative counts.
    support : ndarray of int, shape (n_rows, n_bins)
        Their positions in the per-path vector.
    brackets : Brackets
        The point; the quantile itself, or another scenario's where the two are compared.
    slope : ndarray of shape (n_scenarios, n_rows)
        Counts per unit of the measure at the quantile itself.

    Returns
    -------
    index : ndarray of int, shape (n_scenarios, n_rows, 3)
        Positions of the count below the bin, through the bin, and of all.
    weight : ndarray of shape (n_scenarios, n_rows, 3)
        Derivatives by these; 0 where the quantile is undefined.
    """
    last_bin, place = brackets.last_bin, brackets.place
    row = np.arange(len(support))
    index = np.stack(
        [
            support[row, np.maximum(last_bin - 1, 0)],
            support[row, last_bin],
            np.broadcast_to(support[:, -1], last_bin.shape),
        ],
        axis=-1,
    )
    above = np.take_along_axis(counts, last_bin[..., None], axis=-1)[..., 0]
    at_point = (1.0 - place) * _count_below(counts, last_bin) + place * above
    exists = np.isfinite(slope)
    share = at_point / np.where(exists, counts[..., -1], 1.0)
    below_weight = np.where(last_bin > 0, 1.0 - place, 0.0)
    weight = -np.stack([below_weight, place, -share], axis=-1) / np.where(exists, slope, 1.0)[..., None]
    return index, np.where(exists[..., None], weight, 0.0)


def _count_below(counts: Floats, last_bin: Integers) -> Floats:
    before = np.take_along_axis(counts, np.maximum(last_bin - 1, 0)[..., None], axis=-1)[..., 0]
    return np.where(last_bin > 0, before, 0.0)
