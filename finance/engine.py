"""Simulate paths of solved scenarios, hand on their vectors. Calls the parts in order; holds no formulas of its own."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from finance import luck
from finance.market.equilibrium import N_PILOTS
from finance.market.marks import own_name
from finance.market.records import Record, record_of
from finance.market.support import pays_for_research
from finance.market.terms import Floats, Integers
from finance.market.twin import TwinRecord
from finance.outcome.components import COMPANY_TAX, Axes, axes_of, layout_of, offsets_of
from finance.outcome.credit import CreditRules
from finance.outcome.indices import add_indices, proving_stage
from finance.outcome.layout import Layout
from finance.outcome.money import PublicRules
from finance.outcome.path import SumTerms
from finance.outcome.sub_funds import (
    Batch,
    FirstSubFund,
    PublicSide,
    add_commitments,
    add_public_side,
    first_sub_fund,
    holders_of,
    joined,
)
from finance.outcome.worst_case import add_cost_bins
from finance.policy.credit import by_tier
from finance.preparing import Solved, names_together, real_names
from finance.scenario import Scenario
from finance.scenario.schema_credit import GUARANTEE
from finance.simulator import Simulator

#: Paths whose sub-funds are settled together: enough for NumPy, few enough that they stay in the processor's cache.
_PATHS_TOGETHER = 64


class Engine:
    """Source of path vectors for a set of solved scenarios (`running.blocks.PathSource`).

    Parameters
    ----------
    solved : list of Solved
        All with the same sectors and stages.
    labels : list of str
        Names of the scenarios in the tables.
    baseline : int
        Which of them is the baseline.
    seed : int
    """

    n_pilots = N_PILOTS

    def __init__(self, solved: list[Solved], labels: list[str], baseline: int, seed: int) -> None:
        self._solved = solved
        self.scenarios = tuple(labels)
        self.baseline = baseline
        self._key = luck.key_of_seed(seed)
        years = max(each.prepared.scenario.clock.simulated_years for each in solved)
        together = names_together([each.prepared.setting.names for each in solved])
        measures = dict.fromkeys(name for each in solved for name in _measures_of(each.prepared.scenario))
        self.axes: Axes = axes_of(
            together._replace(classes=tuple(real_names(together.classes))), years, tuple(measures)
        )
        self.layout: Layout = layout_of(self.axes)
        self._sum_terms = [self._sum_terms_of(each) for each in solved]
        self._programmes = [self._public_side_of(each) for each in solved]
        self._proving = [proving_stage(each.prepared.setting.terms) for each in solved]
        self._local = threading.local()

    def path_vectors(self, first: int, last: int) -> Floats:
        """Simulate paths `first` … `last` − 1 of every scenario, shape (scenario, path, width)."""
        vectors = np.zeros((len(self._solved), last - first, self.layout.width))
        for start in range(first, last, _PATHS_TOGETHER):
            paths = np.arange(start, min(start + _PATHS_TOGETHER, last))
            self._fill(paths, vectors[:, start - first : start - first + len(paths)])
        return vectors

    def _fill(self, paths: NDArray[np.int64], vectors: Floats) -> None:
        """Simulate some paths of every scenario into their vectors (scenario, path, width), which hold zeros."""
        pilots = paths % N_PILOTS
        for s, batch in enumerate(self._simulated(paths, vectors)):
            add_commitments(self._programmes[s], self._solved[s].solutions, pilots, vectors[s])
            if batch is not None:
                add_public_side(self._programmes[s], batch, pilots, vectors[s])
            add_indices(self.axes, self.layout, self._proving[s], vectors[s])
            add_cost_bins(self.layout, vectors[s])

    def _simulated(self, paths: NDArray[np.int64], vectors: Floats) -> list[Batch | None]:
        """Simulate some paths into vectors (scenario, path, width); returns what sub-funds did, by scenario."""
        simulator = self._simulator()
        batches = simulator.batches(len(paths))
        for row, path in enumerate(paths):
            simulator.simulate(int(path), vectors[:, row])
            simulator.keep(row, batches)
        return batches

    def rehearse(self) -> None:
        """Go through all that is done on a path but the market, so that it is compiled before it is needed."""
        self._simulator().rehearse(np.zeros((len(self._solved), self.layout.width)))

    def first_sub_fund(self, paths: int, scenario: int = 0) -> FirstSubFund | None:
        """Simulate paths and return what the first sub-fund of a scenario's programme did; None without a programme."""
        parts = []
        for start in range(0, paths, _PATHS_TOGETHER):
            together = np.arange(start, min(start + _PATHS_TOGETHER, paths))
            batch = self._simulated(together, np.zeros((len(self._solved), len(together), self.layout.width)))[scenario]
            part = None if batch is None else first_sub_fund(self._programmes[scenario], batch, together % N_PILOTS)
            if part is None:
                return None
            parts.append(part)
        return joined(parts)

    def record(self, path: int, scenario: int = 0) -> Record:
        """Simulate one path and return all that a scenario's market wrote down of it."""
        simulator = self._simulator()
        simulator.simulate(path, np.zeros((len(self._solved), self.layout.width)))
        record = record_of(simulator.notes(scenario))
        return record._replace(**{name: values.copy() for name, values in record._asdict().items()})

    def twin_record(self, path: int, scenario: int = 0) -> TwinRecord:
        """Simulate one path and return what a scenario's own twin did on it."""
        simulator = self._simulator()
        simulator.simulate(path, np.zeros((len(self._solved), self.layout.width)))
        twin = simulator.twin(scenario)
        return twin._replace(**{name: values.copy() for name, values in twin._asdict().items()})

    def _simulator(self) -> Simulator:
        """Where the calling thread simulates."""
        if not hasattr(self._local, "simulator"):
            self._local.simulator = Simulator(self._solved, self._sum_terms, self._key)
        return self._local.simulator  # type: ignore[no-any-return]

    def _public_side_of(self, each: Solved) -> PublicSide:
        """What the accounts of the guidance programme need to know of a scenario."""
        setting, accounts = each.prepared.setting, each.prepared.scenario.accounts
        own, names = setting.terms, setting.names.classes
        places = [self.axes.classes.index(own_name(name)) for name in names]
        return PublicSide(
            holders=holders_of(own, each.root_terms, each.solutions, each.root_solutions, places),
            switch_quarter=own.switch_quarter,
            n_quarters=own.n_quarters,
            curve_factor=each.prepared.curve_factor,
            marginal_cost=accounts.marginal_cost_of_public_funds,
            class_place=np.array(places, dtype=np.int64),
            n_years=len(self.axes.years),
            places=offsets_of(self.layout),
        )

    def _credit_rules_of(self, each: Solved) -> CreditRules:
        """Who makes good what is lost on loans in a scenario."""
        scenario = each.prepared.scenario
        credit, tiers = scenario.credit, by_tier(scenario.credit.guarantee_shares)
        return CreditRules(
            sum(credit.guarantee_shares.values()),
            credit.claim_cap,
            np.array(list(tiers.values()), dtype=float),
            np.array([self.axes.instruments.index(f"{GUARANTEE}-{tier}") for tier in tiers], dtype=np.int64),
            scenario.accounts.marginal_cost_of_public_funds,
        )

    def _support_places(self, scenario: Scenario) -> Integers:
        """Where measures of support stand among the instruments; what is paid back for research is companies' tax."""
        places = [self.axes.instruments.index(name) for name in scenario.support]
        if pays_for_research(scenario):
            places.append(self.axes.instruments.index(COMPANY_TAX))
        return np.array(places, dtype=np.int64)

    def _sum_terms_of(self, each: Solved) -> SumTerms:
        """What the sums need to know of a scenario."""
        setting, accounts = each.prepared.setting, each.prepared.scenario.accounts
        terms, places = setting.terms, [self.axes.classes.index(own_name(name)) for name in setting.names.classes]
        warm_up = each.root_terms.entrants_a_year * terms.switch_quarter / 4.0
        after = terms.entrants_a_year * (terms.n_quarters - terms.switch_quarter) / 4.0
        return SumTerms(
            cells=setting.rules.cells,
            reference_cells=each.reference.setting.rules.cells,
            class_place=np.array(places, dtype=np.int64),
            curve_factor=each.prepared.curve_factor,
            public=PublicRules(
                len(self.axes.classes),
                len(self.axes.classes) + 1,
                terms.sub_fund_class,
                terms.standing.sub_funds,
                self._support_places(each.prepared.scenario),
                accounts.standard_tax_rate,
                accounts.displacement_share,
                accounts.marginal_cost_of_public_funds,
            ),
            credit=self._credit_rules_of(each),
            switch_quarter=terms.switch_quarter,
            ventures=warm_up + after,
            places=offsets_of(self.layout),
            n_years=len(self.axes.years),
        )


def _measures_of(scenario: Scenario) -> tuple[str, ...]:
    """Instruments beside classes and taxes that a scenario has: measures of support, tiers of guarantees."""
    return (*scenario.support, *(f"{GUARANTEE}-{tier}" for tier in scenario.credit.guarantee_shares))
