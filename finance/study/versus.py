"""What a scenario costs for what it brings: ratios of differences from the baseline, with honest intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from finance.outcome.components import ALL
from finance.outcome.estimates import NORMAL_95, ComponentAt, Estimate, Estimates
from finance.outcome.layout import Label

Floats = NDArray[np.float64]

_COLUMNS = ["scenario", "baseline", "measure", "value", "low", "high", "unit"]
_UNIT = "CNY million"
#: How often an end of an interval is looked for twice as far away before it counts as infinite.
_MOST_DOUBLINGS = 200


@dataclass(frozen=True)
class Gain:
    """What a scenario brings, as a function of means per path.

    Attributes
    ----------
    components : tuple of (name, labels)
        Components of the per-path vector that it depends on.
    value : callable
        Takes their means, ndarray of shape (n,), returns a number.
    gradient : callable
        Takes the same, returns its derivatives.
    """

    components: tuple[tuple[str, dict[str, Label]], ...]
    value: Callable[[Floats], float]
    gradient: Callable[[Floats], Floats]


#: Companies that stand at the end of the road: listed, sold to a trade buyer, acquired on the way, or living on what they
#: earn. A sale in distress is none, and of what is still alive when the clock stops nobody knows.
COMPANIES = Gain(
    (("exits", {}), ("fates", {"stage": ALL, "fate": "self_sustaining"})),
    lambda x: float(x.sum()),
    np.ones_like,
)

#: Coverage by money, in points.
COVERAGE = Gain(
    (("reference_filled", {"stage": ALL}), ("reference_demand", {"stage": ALL})),
    lambda x: 100.0 * float(x[0] / x[1]),
    lambda x: 100.0 * np.array([1.0 / x[1], -x[0] / x[1] ** 2]),
)

GAINS = {"cost_per_additional_company": COMPANIES, "cost_per_coverage_point": COVERAGE}


def versus(estimates: Estimates) -> pd.DataFrame:
    """Economic cost of each scenario, over what it brings more than the baseline.

    Parameters
    ----------
    estimates : Estimates
        Of a comparison; the moments of the components with one another are summed (`measures.JOINTS`).

    Returns
    -------
    DataFrame
        Columns scenario, baseline, measure, value, low, high, unit. ``cost_per_additional_company`` is the difference of
        economic cost per additional company, exited or self-sustaining; ``cost_per_coverage_point`` the same per point of
        coverage by money. Below zero, the scenario brings more and costs less. There is a row only where the gain's own
        interval lies above zero: where it may be nothing the ratio may be anything, and where it is a loss nothing is
        bought.

    Notes
    -----
    With Δc and Δg the differences of cost and gain, the interval holds every ratio r for which Δc − rΔg lies within 1.96
    of its standard errors of zero. It is bounded exactly where Δg's own interval leaves out zero.

    References
    ----------
    Fieller, E. C. (1954), "Some problems in interval estimation", Journal of the Royal Statistical Society B 16, 175–185.
    """
    base = estimates.scenarios[estimates.baseline]
    rows = []
    for scenario in estimates.scenarios:
        if scenario == base:
            continue
        for measure, gain in GAINS.items():
            found = cost_ratio(estimates, scenario, base, gain)
            if found is not None:
                rows.append((scenario, base, measure, *found, _UNIT))
    return pd.DataFrame(rows, columns=_COLUMNS)


def cost_ratio(estimates: Estimates, scenario: str, base: str, gain: Gain) -> tuple[float, float, float] | None:
    """Economic cost per unit of a gain, with Fieller's interval.

    Parameters
    ----------
    estimates : Estimates
    scenario, base : str
        Which is compared with which.
    gain : Gain

    Returns
    -------
    tuple of float, or None
        Value, low, high, CNY million a unit; None where the interval of the gain does not lie above zero, or only so just
        that no bound can be told.
    """
    gained = _balance(estimates, scenario, base, gain, cost_weight=0.0, ratio=-1.0)
    if not gained.low > 0.0:
        return None
    cost = _balance(estimates, scenario, base, gain, cost_weight=1.0, ratio=0.0)
    value = cost.value / gained.value

    def excess(ratio: float) -> float:
        """Above zero where the ratio is refused."""
        left = _balance(estimates, scenario, base, gain, cost_weight=1.0, ratio=ratio)
        return abs(left.value) - NORMAL_95 * left.standard_error

    step = NORMAL_95 * (cost.standard_error + abs(value) * gained.standard_error) / gained.value
    low, high = _end(excess, value, -step), _end(excess, value, step)
    return (value, low, high) if np.isfinite([low, high]).all() else None


def _balance(
    estimates: Estimates, scenario: str, base: str, gain: Gain, *, cost_weight: float, ratio: float
) -> Estimate:
    """Estimate ``cost_weight`` × the difference of cost − ``ratio`` × the gain."""
    inputs, n = [], len(gain.components)
    for label in (scenario, base):
        inputs.append(ComponentAt(label, "economic_cost"))
        inputs += [ComponentAt(label, name, labels) for name, labels in gain.components]

    def value(x: Floats) -> float:
        own, before = x[: n + 1], x[n + 1 :]
        gained = gain.value(own[1:]) - gain.value(before[1:])
        return float(cost_weight * (own[0] - before[0]) - ratio * gained)

    def gradient(x: Floats) -> Floats:
        own, before = x[: n + 1], x[n + 1 :]
        slopes = [np.r_[cost_weight, -ratio * gain.gradient(part[1:])] for part in (own, before)]
        both: Floats = np.r_[slopes[0], -slopes[1]]
        return both

    return estimates.function(inputs, value, gradient)


def _end(excess: Callable[[float], float], value: float, step: float) -> float:
    """The end of the interval in the direction of the step, from the value on."""
    if step == 0.0 or excess(value) >= 0.0:  # cost and gain move together on every path
        return value
    inside, outside = value, value + step
    for _ in range(_MOST_DOUBLINGS):
        if excess(outside) > 0.0:
            return float(brentq(excess, inside, outside))
        inside, outside = outside, value + 2.0 * (outside - value)
    return float(np.inf if step > 0.0 else -np.inf)
