"""The change of the total gap against the baseline, split into what changes the need and what changes the supply."""

from __future__ import annotations

import numpy as np
import pandas as pd

from finance.engine import Engine
from finance.outcome.estimates import ComponentAt, Estimate, Estimates


def gap_change(estimates: Estimates, engine: Engine) -> pd.DataFrame:
    """The change of the total gap against the baseline, split in two.

    Returns
    -------
    DataFrame
        Columns scenario, baseline, stage, effect, value, low, high, unit. Δtotal = potential + supply effect: the first
        is the change of what the scenario's own twin asks for, the second the rest.
    """
    rows = []
    base = engine.scenarios[engine.baseline]
    for label in engine.scenarios:
        if label == base:
            continue
        for stage in engine.axes.stages:
            for effect, estimate in _effects(estimates, label, base, stage).items():
                rows.append((label, base, stage, effect, estimate.value, estimate.low, estimate.high, "CNY million"))
    columns = ["scenario", "baseline", "stage", "effect", "value", "low", "high", "unit"]
    return pd.DataFrame(rows, columns=columns)


def _effects(estimates: Estimates, label: str, base: str, stage: str) -> dict[str, Estimate]:
    """Potential and supply effect of one scenario at one stage."""

    def at(scenario: str, component: str) -> ComponentAt:
        return ComponentAt(scenario, component, {"stage": stage})

    potential = [at(label, "potential_demand"), at(base, "potential_demand")]
    total = [at(label, "total_gap"), at(base, "total_gap")]
    supply = np.array([1.0, -1.0, -1.0, 1.0])
    return {
        "potential": estimates.function(potential, lambda x: x[0] - x[1], lambda x: np.array([1.0, -1.0])),
        "supply": estimates.function([*total, *potential], lambda x: float(supply @ x), lambda x: supply),
    }
