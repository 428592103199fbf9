"""What a scenario costs for what it brings, and private money for public: ratios of differences, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

ECONOMIC_COST = Gain((("economic_cost", {}),), lambda x: float(x[0]), np.ones_like)
PUBLIC_OUTLAY = Gain((("public_outlay", {}),), lambda x: float(x[0]), np.ones_like)


@dataclass(frozen=True)
class Diversion:
    """What partners' additional commitments to sub-funds take from another class, in a scenario.

    Attributes
    ----------
    sub_funds, source : str
        The class of sub-funds, and the class that money is taken from.
    share, low, high : float
        The scenario's share, and the ends of its range.
    """

    sub_funds: str
    source: str
    share: float
    low: float
    high: float


def versus(estimates: Estimates, diversions: Mapping[str, Diversion] | None = None) -> pd.DataFrame:
    """Economic cost of each scenario over what it brings more than the baseline, and private money over public.

    Parameters
    ----------
    estimates : Estimates
        Of a comparison; the moments of the components with one another are summed (`measures.JOINTS`).
    diversions : mapping of str to Diversion, optional
        By scenario, for those with a guidance programme.

    Returns
    -------
    DataFrame
        Columns scenario, baseline, measure, value, low, high, unit. ``cost_per_additional_company`` is the difference of
        economic cost per additional company, exited or self-sustaining; ``cost_per_coverage_point`` the same per point of
        coverage by money. Below zero, the scenario brings more and costs less. ``additional_private_per_public`` is the
        difference of private money invested over that of public outlay, on the same luck; with
        ``_diverted_low`` and ``_diverted_high`` behind it at the ends of the range of what is diverted. There is a row
        only where the denominator's own interval lies above zero: where it may be nothing the ratio may be anything, and
        where it is a loss nothing is bought.

    Notes
    -----
    With Δc and Δg the differences of numerator and denominator, the interval holds every ratio r for which Δc − rΔg lies
    within 1.96 of its standard errors of zero. It is bounded exactly where Δg's own interval leaves out zero. The ends of
    the diverted share are worked out to first order: what is no longer (or also) taken from a class is invested as the
    rest of its money is; prices and returns stay those of the scenario.

    References
    ----------
    Fieller, E. C. (1954), "Some problems in interval estimation", Journal of the Royal Statistical Society B 16, 175–185.
    """
    base = estimates.scenarios[estimates.baseline]
    rows = []
    for scenario in estimates.scenarios:
        if scenario == base:
            continue
        ratios = {name: (ECONOMIC_COST, gain, _UNIT) for name, gain in GAINS.items()}
        diversion = (diversions or {}).get(scenario)
        for end, share in _ends(diversion).items():
            name = f"additional_private_per_public{end}"
            ratios[name] = (_private_money(estimates, scenario, diversion, share), PUBLIC_OUTLAY, "ratio")
        for measure, (top, gain, unit) in ratios.items():
            found = ratio_of_differences(estimates, scenario, base, top, gain)
            if found is not None:
                rows.append((scenario, base, measure, *found, unit))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _ends(diversion: Diversion | None) -> dict[str, float]:
    """Diverted shares at which private money is counted, by the end of the measure's name."""
    if diversion is None:
        return {"": 0.0}
    return {"": diversion.share, "_diverted_low": diversion.low, "_diverted_high": diversion.high}


def _private_money(estimates: Estimates, scenario: str, diversion: Diversion | None, share: float) -> Gain:
    """Private money invested, at another diverted share than the scenario's."""
    if diversion is None or share == diversion.share:
        return Gain((("private_invested", {}),), lambda x: float(x[0]), np.ones_like)
    source = {"class": diversion.source}
    paid = estimates.function([ComponentAt(scenario, "paid_in", source)], lambda x: float(x[0]), np.ones_like).value
    held = estimates.function([ComponentAt(scenario, "committed", source)], lambda x: float(x[0]), np.ones_like).value
    per_unit = (diversion.share - share) * (paid / held if held > 0.0 else 0.0)
    return Gain(
        (("private_invested", {}), ("committed_private", {"class": diversion.sub_funds})),
        lambda x: float(x[0] + per_unit * x[1]),
        lambda x: np.array([1.0, per_unit]),
    )


def ratio_of_differences(
    estimates: Estimates, scenario: str, base: str, top: Gain, gain: Gain
) -> tuple[float, float, float] | None:
    """Difference of one thing per unit of the difference of another, with Fieller's interval.

    Parameters
    ----------
    estimates : Estimates
    scenario, base : str
        Which is compared with which.
    top, gain : Gain
        Numerator and denominator.

    Returns
    -------
    tuple of float, or None
        Value, low, high; None where the interval of the denominator does not lie above zero, or only so just that no
        bound can be told.
    """
    both = _Both(estimates, scenario, base, top, gain)
    gained = both.balance(top_weight=0.0, ratio=-1.0)
    if not gained.low > 0.0:
        return None
    cost = both.balance(top_weight=1.0, ratio=0.0)
    value = cost.value / gained.value

    def excess(ratio: float) -> float:
        """Above zero where the ratio is refused."""
        left = both.balance(top_weight=1.0, ratio=ratio)
        return abs(left.value) - NORMAL_95 * left.standard_error

    step = NORMAL_95 * (cost.standard_error + abs(value) * gained.standard_error) / gained.value
    low, high = _end(excess, value, -step), _end(excess, value, step)
    return (value, low, high) if np.isfinite([low, high]).all() else None


def difference_of(estimates: Estimates, scenario: str, base: str, gain: Gain) -> Estimate:
    """Difference of one thing between two scenarios of which one is the baseline.

    Parameters
    ----------
    estimates : Estimates
    scenario, base : str
        Which is compared with which.
    gain : Gain

    Returns
    -------
    Estimate
    """
    return _Both(estimates, scenario, base, gain, gain).balance(top_weight=1.0, ratio=0.0)


@dataclass(frozen=True)
class _Both:
    """Two things that differ between a scenario and its baseline."""

    estimates: Estimates
    scenario: str
    base: str
    top: Gain
    gain: Gain

    def balance(self, *, top_weight: float, ratio: float) -> Estimate:
        """Estimate ``top_weight`` × the difference of the first − ``ratio`` × that of the second."""
        inputs, n, m = [], len(self.top.components), len(self.gain.components)
        for label in (self.scenario, self.base):
            inputs += [ComponentAt(label, name, labels) for name, labels in self.top.components]
            inputs += [ComponentAt(label, name, labels) for name, labels in self.gain.components]

        def value(x: Floats) -> float:
            sides = (x[: n + m], x[n + m :])
            own, before = (top_weight * self.top.value(s[:n]) - ratio * self.gain.value(s[n:]) for s in sides)
            return float(own - before)

        def gradient(x: Floats) -> Floats:
            sides = (x[: n + m], x[n + m :])
            own, before = (
                np.r_[top_weight * self.top.gradient(s[:n]), -ratio * self.gain.gradient(s[n:])] for s in sides
            )
            slopes: Floats = np.r_[own, -before]
            return slopes

        return self.estimates.function(inputs, value, gradient)


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
