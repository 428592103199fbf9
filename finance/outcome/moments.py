"""Variances of linearised estimates, from sums over paths.

Within a pilot group paths are independent draws of one economy. Between groups the solved equilibrium
differs, so an estimate carries a second error that more paths do not shrink: with G groups, their estimates'
variance beyond what their own paths explain, over G. Covariances with another scenario come from the same
paths (common random numbers), so a difference has the variance of its paired influences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finance.outcome.sums import Sums

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Fewer paths than this say nothing about their group: all paths then count as one group.
MIN_GROUP_PATHS = 16

#: A variance below this part of the terms it is left over from is rounding.
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Spread:
    """What the paths say about the error of linearised estimates.

    Attributes
    ----------
    squares : ndarray of shape (n_groups, …)
        Sum over a group's paths of the squared influence about the group's mean.
    shifts : ndarray of shape (n_groups, …)
        The group's mean influence, less that of all paths.
    scale : ndarray of shape (n_groups, …)
        Size of the terms that ``squares`` is the balance of.
    """

    squares: Floats
    shifts: Floats
    scale: Floats

    def less(self, other: Spread, products: Floats) -> Spread:
        """Return the spread of the difference of two estimates.

        Parameters
        ----------
        other : Spread
            That of the estimate taken off.
        products : ndarray of shape (n_groups, …)
            Sum of the products of both influences about their group means.
        """
        squares = self.squares + other.squares - 2.0 * products
        return Spread(squares, self.shifts - other.shifts, self.scale + other.scale)


class Moments:
    """Central second moments of the per-path vectors, within pilot groups.

    Parameters
    ----------
    sums : Sums
        Sums over paths.

    Attributes
    ----------
    counts : ndarray of int, shape (n_groups,)
        Paths a group: the pilot groups, or one of all paths where some have fewer than 16.
    """

    def __init__(self, sums: Sums) -> None:
        self.plan = sums.plan
        present = sums.counts[sums.counts > 0]
        apart = bool(present.min() >= MIN_GROUP_PATHS)
        values = sums.values[sums.counts > 0] if apart else sums.values.sum(axis=0, keepdims=True)
        self.counts: Integers = present if apart else present.sum(keepdims=True)
        self._values = values
        totals = values[:, : self.plan.own_start].reshape(-1, len(self.plan.scenarios), self.plan.width)
        self._means = totals / self.counts[:, None, None]
        self._pooled = totals.sum(axis=0) / self.counts.sum()

    def kept(self, s: Integers, i: Integers, t: Integers, j: Integers) -> NDArray[np.bool_]:
        """Whether the moment of each pair of (scenario, position) was summed."""
        return self.plan.address(s, i, t, j) >= 0

    def spread(self, s: Integers, i: Integers, w: Floats) -> Spread:
        """Return the spread of linearised estimates.

        Parameters
        ----------
        s, i : ndarray of int, shape (…, n_terms)
            Scenario and position of each term; ``s`` broadcasts.
        w : ndarray of shape (…, n_terms)
            Its weight.

        Returns
        -------
        Spread
            Its arrays have the shape (n_groups, …).

        Raises
        ------
        ValueError
            If moments are wanted that are not summed.
        """
        squares = self.products(s, i, w, s, i, w)
        n = self.counts.reshape(-1, *[1] * i.ndim)
        raw = self._values[:, self.plan.address(s, i, s, i)]
        scale = (np.abs(w) * np.sqrt(raw)).sum(axis=-1) ** 2
        shifts = (w * (self._means[:, s, i] - self._pooled[s, i])).sum(axis=-1)
        is_rounding = np.abs(shifts) <= _ROUNDING * np.sqrt(scale / n[..., 0])
        return Spread(squares, np.where(is_rounding, 0.0, shifts), scale)

    def products(self, s: Integers, i: Integers, w: Floats, t: Integers, j: Integers, v: Floats) -> Floats:
        """Return the sums of products of two linearised estimates' influences about their group means.

        Parameters
        ----------
        s, i, w, t, j, v : ndarray of shape (…, n_terms)
            Scenario, position and weight of each term of either estimate.

        Returns
        -------
        ndarray of shape (n_groups, …)
            Σ over a group's paths. Moments that are not summed count 0 where a weight is 0.

        Raises
        ------
        ValueError
            If moments are wanted that are not summed.
        """
        s, i, w = (array[..., :, None] for array in np.broadcast_arrays(s, i, w))
        t, j, v = (array[..., None, :] for array in np.broadcast_arrays(t, j, v))
        place = self.plan.address(s, i, t, j)
        weight = w * v
        if np.any((place < 0) & (weight != 0.0)):
            raise ValueError(
                "these moments are not summed: register a Joint of the components, and for scenarios other "
                "than the baseline a headline measure"
            )
        n = self.counts.reshape(-1, *[1] * place.ndim)
        central = self._values[:, place] - n * self._means[:, s, i] * self._means[:, t, j]
        # A weight of NaN (no derivative) must stay; only what is not summed is left out.
        total: Floats = np.where(place < 0, 0.0, weight * central).sum(axis=(-2, -1))
        return total

    def variances(self, spread: Spread) -> tuple[Floats, Floats]:
        """Return the variance of estimates, and the part of it that lies between pilot groups.

        Parameters
        ----------
        spread : Spread
            Arrays of shape (n_groups, …).

        Returns
        -------
        variance, pilot_variance : ndarray of shape (…)
            NaN from one path.

        Notes
        -----
        With n_g paths and influences' squares Q_g in group g, N = Σ n_g and shifts u_g::

            within  = Σ n_g Q_g / (n_g − 1) / N²
            between = max(0, var(u_g) − mean(Q_g / (n_g − 1) / n_g)) / G

        """
        if self.counts.sum() < 2:
            unknown = np.full(spread.squares.shape[1:], np.nan)
            return unknown, unknown
        n = self.counts.reshape(-1, *[1] * (spread.squares.ndim - 1)).astype(np.float64)
        squares = np.where(spread.squares <= _ROUNDING * spread.scale, 0.0, spread.squares)
        within = (n * squares / (n - 1.0)).sum(axis=0) / n.sum() ** 2
        if len(self.counts) < 2:
            return within, np.zeros_like(within)
        explained = (squares / (n - 1.0) / n).mean(axis=0)
        between = np.maximum(spread.shifts.var(axis=0, ddof=1) - explained, 0.0) / len(self.counts)
        return within + between, between

    def same_as_baseline(self, shift: Floats) -> NDArray[np.bool_]:
        """Whether each number was the same as the baseline's on every path, bit for bit.

        Parameters
        ----------
        shift : ndarray of shape (n_scenarios, width)
            What was taken off the vectors.

        Returns
        -------
        ndarray of bool, shape (n_scenarios, width)
            Σ(x−y)² = Σx² + Σy² − 2Σxy vanishes exactly only for equal vectors, since equal vectors give three
            equal sums.
        """
        plan, base = self.plan, self.plan.baseline
        s, i = np.arange(len(plan.scenarios))[:, None], np.arange(plan.width)
        own = self._values[:, plan.address(s, i, s, i)]
        with_base = self._values[:, plan.address(s, i, np.full(1, base), i)]
        is_same = (own == own[:, [base]]) & (own == with_base) & (self._means == self._means[:, [base]])
        return np.asarray(is_same.all(axis=0) & (shift == shift[base]))
