"""A league table: scenarios on one footing, what they bring for what they cost, and which cannot be told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from finance.outcome.estimates import NORMAL_95, Estimate, Estimates
from finance.study.versus import COVERAGE, ECONOMIC_COST, Gain, difference_of, ratio_of_differences

#: Where a scenario stands: it brings more and costs less; brings more for a cost; brings more at a cost that may be
#: nothing; nothing can be told; it brings less.
VERDICTS = ("saves", "unclear_cost", "buys", "nothing", "harms")
#: Economic cost, CNY million in the economy of a path, for which points of coverage are counted.
COST_FOOTING = 100.0

_COLUMNS = [
    "scenario", "baseline", "place", "verdict", "told_from_next", "measure", "value", "low", "high", "unit",
]  # fmt: skip


def league(estimates: Estimates) -> pd.DataFrame:
    """Rank the scenarios of a comparison on one footing.

    Parameters
    ----------
    estimates : Estimates
        Of a comparison; moments of `measures.JOINTS` are summed.

    Returns
    -------
    DataFrame
        Columns scenario, baseline, place, verdict, told_from_next, measure, value, low, high, unit; up to three rows a
        scenario: ``coverage`` and ``economic_cost``, differences from the baseline, and, for those that buy, points of
        coverage that CNY 100 million of economic cost buy (``coverage_per_cost``), with Fieller's interval. Best first.

    Notes
    -----
    A verdict asks only whether intervals hold zero. Within ``saves``, ``unclear_cost``, ``nothing`` and ``harms`` the
    order is by Δ coverage; within ``buys`` it is by coverage for the same cost, as if each programme could be made larger
    or smaller at its own price, which holds near its size (docs/levers.md has doses). ``told_from_next`` says whether the
    number that orders a scenario differs from that of the next one with the same verdict by more than 1.96 standard
    errors. Scenarios share their luck with the baseline, not their moments with one another: the two errors are taken as
    independent, which is cautious where scenarios move together.
    """
    base = estimates.scenarios[estimates.baseline]
    found = [_Standing(estimates, scenario, base) for scenario in estimates.scenarios if scenario != base]
    found.sort(key=lambda one: (VERDICTS.index(one.verdict), -one.order.value))
    rows = []
    for place, one in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        is_told = after is None or one.verdict != after.verdict or _differ(one.order, after.order)
        for measure, value, low, high, unit in one.rows():
            rows.append((one.scenario, base, place + 1, one.verdict, is_told, measure, value, low, high, unit))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _differ(first: Estimate, second: Estimate) -> bool:
    error = np.hypot(first.standard_error, second.standard_error)
    return bool(abs(first.value - second.value) > NORMAL_95 * error)


class _Standing:
    """Where one scenario stands."""

    def __init__(self, estimates: Estimates, scenario: str, base: str) -> None:
        def difference(gain: Gain) -> Estimate:
            return difference_of(estimates, scenario, base, gain)

        self.scenario = scenario
        self.coverage, self.cost = difference(COVERAGE), difference(ECONOMIC_COST)
        bought = ratio_of_differences(estimates, scenario, base, COVERAGE, ECONOMIC_COST)
        self.bought = None if bought is None else tuple(COST_FOOTING * part for part in bought)
        self.verdict = self._verdict()
        self.order = self.coverage
        if self.verdict == "buys" and self.bought is not None:
            value, low, high = self.bought
            self.order = Estimate(value, (high - low) / (2.0 * NORMAL_95), 0.0)

    def _verdict(self) -> str:
        if self.coverage.high < 0.0:
            return "harms"
        if not self.coverage.low > 0.0:
            return "nothing"
        if self.cost.high < 0.0:
            return "saves"
        return "buys" if self.cost.low > 0.0 and self.bought is not None else "unclear_cost"

    def rows(self) -> list[tuple[str, float, float, float, str]]:
        """Measure, value, low, high and unit."""
        points = [part / 100.0 for part in (self.coverage.value, self.coverage.low, self.coverage.high)]
        rows = [
            ("coverage", points[0], points[1], points[2], "share"),
            ("economic_cost", self.cost.value, self.cost.low, self.cost.high, "CNY million"),
        ]
        if self.verdict == "buys" and self.bought is not None:
            value, low, high = (part / 100.0 for part in self.bought)
            rows.append(("coverage_per_cost", value, low, high, "share"))
        return rows
