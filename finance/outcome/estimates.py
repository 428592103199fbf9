"""Estimates with their intervals, and differences between scenarios, from sums over paths.

Every interval is value ± 1.96 standard errors (95 % of a normal), the error by the delta method plus what
lies between pilot groups. A value without spread has an interval of no width; one path gives none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finance.outcome.layout import Label
from finance.outcome.linear import Brackets, Linear, count_weights, find_brackets, linearise
from finance.outcome.moments import Moments, Spread
from finance.outcome.registry import Plain, Quantile, Rows
from finance.outcome.sums import Sums

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Standard errors on either side of a value, for 95 % of a normal distribution.
NORMAL_95 = 1.96


@dataclass(frozen=True)
class Estimate:
    """One estimated number.

    Attributes
    ----------
    value : float
        NaN where undefined.
    standard_error : float
        Of the value, the part between pilot groups included; NaN from one path.
    pilot_error : float
        That part alone: what more paths would not shrink.
    """

    value: float
    standard_error: float
    pilot_error: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.value - NORMAL_95 * self.standard_error

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.value + NORMAL_95 * self.standard_error


@dataclass(frozen=True)
class ComponentAt:
    """The mean over paths of one number of the per-path vector in one scenario."""

    scenario: str
    component: str
    labels: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True)
class MeasureAt:
    """One row of a measure in one scenario."""

    scenario: str
    table: str
    measure: str
    labels: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class RowEstimates:
    """Estimates of all rows of one measure.

    Attributes
    ----------
    value, standard_error : ndarray of shape (n_scenarios, n_rows)
        NaN where undefined, the error also where there is none.
    variance_ratio : ndarray of the same shape
        Of differences: their variance over that of two independent runs; NaN for estimates, and for
        differences of what is the same or does not vary.
    """

    value: Floats
    standard_error: Floats
    variance_ratio: Floats


#: A function of several numbers, and its derivatives by each of them.
Function = Callable[[Floats], float]
Gradient = Callable[[Floats], ArrayLike]


class Estimates:
    """All measures of a study, from the sums over paths.

    Parameters
    ----------
    sums : Sums
        Sums over all paths.
    plain : mapping, optional
        (table, measure) → values of a `Plain` measure, an array of shape (n_scenarios, *its dimensions), NaN
        where undefined. What is not given has no rows.
    plain_errors : mapping, optional
        Standard errors of some of them, of the same shape. A difference of plain values has none.

    Raises
    ------
    KeyError
        If ``plain`` names what is no `Plain` measure.
    ValueError
        If its values have another shape.
    """

    def __init__(
        self,
        sums: Sums,
        plain: Mapping[tuple[str, str], ArrayLike] | None = None,
        plain_errors: Mapping[tuple[str, str], ArrayLike] | None = None,
    ) -> None:
        self.sums, self.plan, self.registry = sums, sums.plan, sums.plan.registry
        self.scenarios, self.baseline = sums.plan.scenarios, sums.plan.baseline
        self.means = sums.means()
        self._moments = Moments(sums)
        self._same = self._moments.same_as_baseline(sums.shift)
        self._linear: dict[int, Linear] = {}
        self._plain = {key: self._checked_plain(key, values) for key, values in (plain or {}).items()}
        self._plain_errors = {key: self._checked_plain(key, errors) for key, errors in (plain_errors or {}).items()}

    def rows(self, rows: Rows) -> RowEstimates:
        """Estimate all rows of a measure in every scenario."""
        if isinstance(rows.measure.kind, Plain):
            return self._plain_rows(rows)
        linear = self._linearised(rows)
        variance, _ = self._moments.variances(self._spread(linear))
        is_defined = np.isfinite(linear.value)
        error = np.where(is_defined, np.sqrt(variance), np.nan)
        return RowEstimates(linear.value, error, np.full(error.shape, np.nan))

    def row_differences(self, rows: Rows) -> RowEstimates:
        """Estimate all rows' differences, each scenario less the baseline (whose own are 0).

        Parameters
        ----------
        rows : Rows
            Rows of one measure.

        Returns
        -------
        RowEstimates
            ``variance_ratio`` tells what the common random numbers are worth.
        """
        if isinstance(rows.measure.kind, Plain):
            plain = self._plain_rows(rows)
            values = plain.value - plain.value[self.baseline]
            return RowEstimates(values, plain.variance_ratio, plain.variance_ratio)
        linear = self._linearised(rows)
        value = linear.value - linear.value[self.baseline]
        spread = self._spread(linear)
        base = _of_scenario(spread, self.baseline)
        paired, _ = self._moments.variances(spread.less(base, self._row_products(rows, linear, spread)))
        variance, _ = self._moments.variances(spread)
        apart = variance + variance[self.baseline]
        is_same = self._same[:, rows.support].all(axis=-1)
        paired = np.where(is_same & np.isfinite(paired), 0.0, paired)
        ratio = np.full(paired.shape, np.nan)
        np.divide(paired, apart, out=ratio, where=(apart > 0.0) & ~is_same & np.isfinite(value))
        error = np.where(np.isfinite(value), np.sqrt(paired), np.nan)
        return RowEstimates(value, error, ratio)

    def estimate(self, scenario: str, table: str, measure: str, **labels: Label) -> Estimate:
        """Estimate one row of a measure.

        Parameters
        ----------
        scenario, table, measure : str
            Which; KeyError if not registered.
        **labels
            Its dimensions.

        Returns
        -------
        Estimate
            Value and errors; all NaN where undefined.
        """
        return self.combine(
            [MeasureAt(scenario, table, measure, labels)], lambda values: values[0], lambda values: [1.0]
        )

    def difference(self, scenario: str, table: str, measure: str, **labels: Label) -> Estimate:
        """Estimate one row's difference from the baseline; arguments as in `estimate`."""
        rows, row = self.registry.find(table, measure, labels)
        s = self._scenario(scenario)
        if isinstance(rows.measure.kind, Plain):
            return Estimate(float(self.row_differences(rows).value[s, row]), math.nan, math.nan)
        linear = self._linearised(rows)
        spread = self._spread(linear)
        difference = spread.less(_of_scenario(spread, self.baseline), self._row_products(rows, linear, spread))
        variance, pilot = self._moments.variances(difference)
        if self._same[s, rows.support[row]].all() and np.isfinite(variance[s, row]):
            return Estimate(float(linear.value[s, row] - linear.value[self.baseline, row]), 0.0, 0.0)
        value = linear.value[s, row] - linear.value[self.baseline, row]
        return _estimate(value, variance[s, row], pilot[s, row])

    def function(self, inputs: Sequence[ComponentAt], value: Function, gradient: Gradient) -> Estimate:
        """Estimate a smooth function of component means, of one or several scenarios.

        Parameters
        ----------
        inputs : sequence of ComponentAt
            Whose moments with one another are summed: in one scenario or between it and the baseline, those a
            measure needs or a `Joint` asks for.
        value : callable
            Takes the means, ndarray of shape (n_inputs,), and returns a number.
        gradient : callable
            Takes the same and returns the derivative by each.

        Returns
        -------
        Estimate
            Value and errors by the delta method.

        Raises
        ------
        KeyError
            If an input does not exist.
        ValueError
            If moments are wanted that are not summed.
        """
        s = np.array([self._scenario(one.scenario) for one in inputs], dtype=np.int64)
        layout = self.registry.layout
        i = np.array([layout.index(one.component, **one.labels) for one in inputs], dtype=np.int64)
        x = self.means[s, i]
        return self._combined(float(value(x)), s, i, np.asarray(gradient(x), dtype=np.float64))

    def combine(self, inputs: Sequence[MeasureAt], value: Function, gradient: Gradient) -> Estimate:
        """Estimate a smooth function of measures, of one or several scenarios.

        Parameters
        ----------
        inputs : sequence of MeasureAt
            Rows whose moments with one another are summed: of one measure between a scenario and the
            baseline, of a headline measure between any scenarios, of several measures where a `Joint` asks
            for it.
        value, gradient : callable
            As in `function`, of the measures' values.

        Returns
        -------
        Estimate
            Value and errors by the delta method and the chain rule.

        Raises
        ------
        KeyError
            If an input does not exist.
        ValueError
            If moments are wanted that are not summed.
        """
        found = [self.registry.find(one.table, one.measure, one.labels) for one in inputs]
        scenarios = [self._scenario(one.scenario) for one in inputs]
        if any(isinstance(rows.measure.kind, Plain) for rows, _ in found):
            x = np.array([self.rows(r).value[s, row] for s, (r, row) in zip(scenarios, found, strict=True)])
            return Estimate(float(value(x)), math.nan, math.nan)
        linear = [self._linearised(rows) for rows, _ in found]
        at = list(zip(linear, scenarios, (row for _, row in found), strict=True))
        x = np.array([one.value[s, row] for one, s, row in at])
        slopes = np.asarray(gradient(x), dtype=np.float64)
        index = np.concatenate([one.index[s, row] for one, s, row in at])
        weight = np.concatenate([slope * one.weight[s, row] for slope, (one, s, row) in zip(slopes, at, strict=True)])
        scenario = np.repeat(scenarios, [one.index.shape[-1] for one in linear]).astype(np.int64)
        return self._combined(float(value(x)), scenario, index, weight)

    def _combined(self, value: float, s: Integers, i: Integers, w: Floats) -> Estimate:
        variance, pilot = self._moments.variances(self._moments.spread(s, i, w))
        return _estimate(value, float(variance), float(pilot))

    def _linearised(self, rows: Rows) -> Linear:
        if id(rows) not in self._linear:
            self._linear[id(rows)] = linearise(rows, self.means)
        return self._linear[id(rows)]

    @cached_property
    def _every_scenario(self) -> Integers:
        return np.arange(len(self.scenarios))[:, None, None]

    def _spread(self, linear: Linear) -> Spread:
        return self._moments.spread(self._every_scenario, linear.index, linear.weight)

    def _row_products(self, rows: Rows, linear: Linear, spread: Spread) -> Floats:
        """Sum the products of each scenario's influences with the baseline's."""
        s, base = self._every_scenario, np.full((1, 1, 1), self.baseline)
        index, weight = linear.index[[self.baseline]], linear.weight[[self.baseline]]
        if not isinstance(rows.measure.kind, Quantile):
            return self._moments.products(s, linear.index, linear.weight, base, index, weight)
        own, other = linear.index[..., None], index[..., None, :]
        is_kept = self._moments.kept(s[..., None], own, base[..., None], other)
        used = (linear.weight[..., None] * weight[..., None, :]) != 0.0
        is_exact = (is_kept | ~used).all(axis=(-2, -1))
        masked = np.where(is_exact[..., None], linear.weight, 0.0)
        exact = self._moments.products(s, linear.index, masked, base, index, weight)
        near = self._products_at_one_point(rows, rows.measure.kind)
        limit = np.sqrt(np.maximum(spread.squares, 0.0) * np.maximum(spread.squares[:, [self.baseline]], 0.0))
        return np.where(is_exact, exact, np.clip(near, -limit, limit))

    def _products_at_one_point(self, rows: Rows, kind: Quantile) -> Floats:
        """Sum the products where the two quantiles lie in bins whose joint counts were not summed.

        The influence of a quantile is that of the share at or below it, over the density there. Both shares
        are taken at one point, first the scenario's quantile and then the baseline's, and the two sums
        averaged: the shares at near points move together.
        """
        counts = self.means[:, rows.support]
        own = find_brackets(kind, counts)
        base_row = np.full(len(self.scenarios), self.baseline)
        base_counts = counts[base_row]
        from_base = Brackets(own.last_bin[base_row], own.place[base_row], own.slope[base_row])
        s, base = self._every_scenario, np.full((1, 1, 1), self.baseline)
        total = np.zeros(())
        for point in (own, from_base):
            index, weight = count_weights(counts, rows.support, point, own.slope)
            _, base_weight = count_weights(base_counts, rows.support, point, from_base.slope)
            total = total + 0.5 * self._moments.products(s, index, weight, base, index, base_weight)
        return np.asarray(total)

    def _scenario(self, label: str) -> int:
        if label not in self.scenarios:
            raise KeyError(f"no scenario {label!r} among {', '.join(self.scenarios)}")
        return self.scenarios.index(label)

    def _checked_plain(self, key: tuple[str, str], values: ArrayLike) -> Floats:
        for rows in self.registry.rows:
            if (rows.measure.table, rows.measure.name) == key and isinstance(rows.measure.kind, Plain):
                given = np.asarray(values, dtype=np.float64)
                wanted = (len(self.scenarios), *(len(labels) for _, labels in rows.measure.kind.dimensions))
                if given.shape != wanted:
                    raise ValueError(f"values of {key} must have the shape {wanted}, not {given.shape}")
                return given.reshape(len(self.scenarios), len(rows))
        raise KeyError(f"no plain measure {key} is registered")

    def _plain_rows(self, rows: Rows) -> RowEstimates:
        nothing = np.full((len(self.scenarios), len(rows)), np.nan)
        key = (rows.measure.table, rows.measure.name)
        return RowEstimates(self._plain.get(key, nothing), self._plain_errors.get(key, nothing), nothing)


def _of_scenario(spread: Spread, scenario: int) -> Spread:
    keep = [scenario]
    return Spread(spread.squares[:, keep], spread.shifts[:, keep], spread.scale[:, keep])


def _estimate(value: float, variance: float, pilot_variance: float) -> Estimate:
    if not math.isfinite(value):
        return Estimate(math.nan, math.nan, math.nan)
    return Estimate(float(value), math.sqrt(variance), math.sqrt(pilot_variance))
