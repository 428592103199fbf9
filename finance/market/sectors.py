"""Sectors and their stages of a scenario, as arrays on the axes of `terms`: the work, what helps it, what banks lend."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from finance import luck
from finance.fund.amounts import FloatArray
from finance.market.conventions import ABSENT, CATEGORIES, PLANNING_FACTOR, QUARTERS_A_YEAR, TO_EXIT
from finance.market.marks import PLATFORM_MARK
from finance.market.support import n_measures, refund_at, research_multiple, support_at
from finance.policy.credit import loan_due

if TYPE_CHECKING:
    from finance.scenario import Scenario
    from finance.scenario.schema_sectors import Sector, Stage

#: Values of a stage that stand in the terms under their own names.
_AS_THEY_ARE = (
    "burn", "time_shape", "log_odds", "signal_sd", "offer_probability", "research_share", "technical_attempts",
)  # fmt: skip


def sector_terms(scenario: Scenario, sectors: tuple[str, ...], stages: tuple[str, ...]) -> dict[str, Any]:
    """Arrays by sector, and by sector and stage.

    Parameters
    ----------
    scenario : Scenario
    sectors, stages : tuple of str
        Their names; a sector with a mark behind its name is that of its ventures on pilot platforms.
    """
    own_names = [name.removesuffix(PLATFORM_MARK) for name in sectors]
    base = np.array([own_names.index(name) for name in own_names], dtype=np.int64)
    tables = [scenario.sectors[name] for name in own_names]
    real = [name for name in sectors if not name.endswith(PLATFORM_MARK)]
    pairs = [f"{sector}/{stage}" for sector in real for stage in stages]
    cells, research = _Cells(scenario, len(sectors), stages), research_multiple(scenario)
    worth = math.log2(research) * math.log1p(scenario.tax.research_worth)
    for k, table in enumerate(tables):
        cells.fill(k, table, is_platform=bool(base[k] != k) and scenario.pilot_platform.places > 0.0)
    return {
        **cells.arrays,
        "sector_cumulative": _cumulative([table.share for table in tables[: len(real)]], len(sectors)),
        "base": base,
        "platform": _platforms(sectors, scenario.pilot_platform.places),
        "exit_log_median": np.log([table.exit_median for table in tables]) + worth,
        "quality_log_value": np.array([table.quality_log_value for table in tables], dtype=float),
        "exit_log_sd": np.array([table.exit_log_sd for table in tables], dtype=float),
        "first_stage": np.array([stages.index(next(iter(table.stages))) for table in tables], dtype=np.int64),
        "sector_code": luck.name_codes(real)[base],
        "stage_code": luck.name_codes(stages),
        "factor_code": luck.name_codes(pairs).reshape(len(real), -1)[base],
    }


class _Cells:
    """Fills the arrays by sector and stage; where a sector lacks a stage its numbers are harmless and unused."""

    def __init__(self, scenario: Scenario, n_sectors: int, stages: tuple[str, ...]) -> None:
        self.scenario, self.stages, shape = scenario, stages, (n_sectors, len(stages))
        zeros = ("time_shape", "log_odds", "signal_sd", "offer_probability", "research_share", "shortest_life")
        ones = ("burn", "need", "mean_quarters", "gross")
        nothing = ("public_cost", "place_cost", "lent", "owed", "loan_fee")
        fixed_time = luck.gamma_table(0.0)
        self.arrays: dict[str, npt.NDArray[Any]] = {
            **{name: np.zeros(shape) for name in (*zeros, *nothing)},
            **{name: np.ones(shape) for name in ones},
            **{name: np.zeros(shape, dtype=np.int64) for name in ("category", "pilot")},
            "technical_attempts": np.ones(shape, dtype=np.int64),
            "next_stage": np.full(shape, ABSENT, dtype=np.int64),
            "time_table": np.broadcast_to(fixed_time, (*shape, len(fixed_time))).copy(),
            "support_costs": np.zeros((*shape, n_measures(scenario), 2)),
        }

    def fill(self, k: int, sector: Sector, *, is_platform: bool) -> None:
        """Fill the row of a sector, or of its ventures on platforms."""
        chain = list(sector.stages)
        for place, name in enumerate(chain):
            stage, cell = sector.stages[name], (k, self.stages.index(name))
            self._work(cell, stage)
            self._research(cell)
            if is_platform and stage.pilot:
                self._on_platform(cell)
            if n_measures(self.scenario) > 0:
                self._supported(cell, name)
            last = place == len(chain) - 1
            self.arrays["next_stage"][cell] = TO_EXIT if last else self.stages.index(chain[place + 1])
            if name in self.scenario.credit.stages:
                self._lent(cell)
            years_to_exit = sum(sector.stages[later].mean_years for later in chain[place:])
            self.arrays["shortest_life"][cell] = 0.5 * QUARTERS_A_YEAR * years_to_exit

    def _work(self, cell: tuple[int, int], stage: Stage) -> None:
        """What the stage says itself."""
        for name in _AS_THEY_ARE:
            self.arrays[name][cell] = getattr(stage, name)
        self.arrays["mean_quarters"][cell] = QUARTERS_A_YEAR * stage.mean_years
        self.arrays["need"][cell] = stage.burn * PLANNING_FACTOR * stage.mean_years
        self.arrays["pilot"][cell] = int(stage.pilot)
        self.arrays["category"][cell] = CATEGORIES.index(stage.category)
        self.arrays["time_table"][cell] = luck.gamma_table(stage.time_shape)

    def _research(self, cell: tuple[int, int]) -> None:
        """More research, where it is paid for; and what is declared as research, other cost by that name included."""
        more, share = research_multiple(self.scenario), float(self.arrays["research_share"][cell])
        cost = 1.0 + share * (more - 1.0)
        self.arrays["need"][cell] *= cost
        self.arrays["burn"][cell] *= cost
        declared = share * more / cost / (1.0 - self.scenario.tax.relabelled_share)
        self.arrays["research_share"][cell] = min(1.0, declared)

    def _on_platform(self, cell: tuple[int, int]) -> None:
        """What a place on a pilot platform changes."""
        given = self.scenario.pilot_platform
        self.arrays["mean_quarters"][cell] *= 1.0 - given.time_reduction_share
        self.arrays["need"][cell] *= 1.0 - given.cost_reduction_share
        self.arrays["burn"][cell] *= (1.0 - given.cost_reduction_share) / (1.0 - given.time_reduction_share)
        self.arrays["log_odds"][cell] += math.log(given.odds_ratio)
        self.arrays["public_cost"][cell] = self.arrays["place_cost"][cell] = given.subsidy

    def _supported(self, cell: tuple[int, int], stage: str) -> None:
        """What measures of support change, and what is paid back for research."""
        refund = refund_at(self.scenario, float(self.arrays["research_share"][cell]))
        given = support_at(self.scenario, stage, refund)
        self.arrays["mean_quarters"][cell] *= given.time
        self.arrays["need"][cell] *= given.cost / given.gross
        self.arrays["burn"][cell] *= given.cost / (given.time * given.gross)
        self.arrays["log_odds"][cell] += given.log_odds
        self.arrays["signal_sd"][cell] *= given.noise
        self.arrays["public_cost"][cell] += given.round_cost
        self.arrays["gross"][cell], self.arrays["support_costs"][cell] = given.gross, given.costs

    def _lent(self, cell: tuple[int, int]) -> None:
        """A loan beside the stage's round, and what is due out of the next one."""
        credit, years = self.scenario.credit, float(self.arrays["mean_quarters"][cell]) / QUARTERS_A_YEAR
        guaranteed, loan = sum(credit.guarantee_shares.values()), credit.loan_share * float(self.arrays["need"][cell])
        due = loan_due(loan, years, credit.interest_rate, credit.fee_rate, guaranteed)
        self.arrays["lent"][cell] = loan
        self.arrays["owed"][cell[0], self.arrays["next_stage"][cell]] = due
        self.arrays["loan_fee"][cell] = loan * guaranteed * credit.fee_rate * years


def _cumulative(shares: list[float], n: int) -> FloatArray:
    """Cumulative shares of the sectors that ventures enter, then ones: nobody enters on a platform."""
    cumulative = np.ones(n)
    cumulative[: len(shares)] = np.cumsum(shares)
    if n > len(shares):
        cumulative[len(shares) - 1] = 1.0
    return cumulative


def _platforms(names: tuple[str, ...], places: float) -> npt.NDArray[np.int64]:
    """Where each sector's ventures go that find a place; −1 if nowhere."""
    if places <= 0.0:
        return np.full(len(names), -1, dtype=np.int64)
    on = [f"{name}{PLATFORM_MARK}" for name in names]
    return np.array([names.index(name) if name in names else -1 for name in on], dtype=np.int64)
