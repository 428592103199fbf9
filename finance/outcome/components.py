"""The per-path vector: which sums of a path are kept, and where in the vector each stands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.market.records import CAUSES, FATES
from finance.market.terms import Names
from finance.outcome.layout import Component, Layout
from finance.policy.commitments import TIERS

ALL = "all"
ORDERS = ("capacity_first", "capacity_last")
#: Quarters in a stage are counted up to this many.
LONGEST_STAY = 80

#: Components by stage: money CNY million, rounds, or sums for the mean of a ratio.
BY_STAGE = (
    "asked", "supplied", "observed_gap", "latent_gap", "total_gap", "asked_or_latent", "off_twin", "potential_demand",
    "reference_demand", "reference_filled", "reference_rounds", "reference_filled_rounds", "reference_value",
    "reference_filled_value", "reached_demand", "reached_filled", "bridge", "overinvestment", "closings", "tightness",
    "price_over_floor", "entered", "funded", "succeeded",
)  # fmt: skip
BY_STAGE_AND_YEAR = ("asked_by_year", "supplied_by_year", "observed_by_year", "latent_by_year", "total_by_year")
BY_CLASS_AND_YEAR = ("invested", "distributed", "capacity_unused", "net_flow")
BY_CLASS = ("paid_in", "proceeds", "deals", "deals_lost", "present_proceeds")
BY_INSTRUMENT_AND_YEAR = ("outlay", "receipt", "tax_forgone", "tax_received", "present_value")
SCALARS = (
    "exits", "ventures_alive", "social_value", "twin_social_value", "end_value", "budget_cost", "economic_cost",
    "ventures_simulated", "private_invested", "public_outlay",
    "credit_lent", "credit_repaid", "credit_lost", "credit_claims", "credit_fees", "credit_margin",
)  # fmt: skip
#: What is committed a year, in the pilot of a path: by class, and by tier of the guidance programme.
BY_CLASS_COMMITTED = ("committed_private", "committed")
BY_TIER = ("tier_total", "tier_public", "tier_unspent")
#: Indices of the seeds, each a numerator over a denominator (`outcome.indices`).
INDICES = ("integration", "synergy", "value")
BY_INDEX = ("index_numerator", "index_denominator")
#: Paths whose cost is at or below each edge (`outcome.worst_case`).
COST_BINS, N_COST_BINS = ("budget_cost_bins", "economic_cost_bins"), 280
_NAMES = (
    *BY_STAGE, *BY_STAGE_AND_YEAR, "causes", "fates", "stays", *BY_CLASS_AND_YEAR, *BY_CLASS, *BY_INSTRUMENT_AND_YEAR,
    *SCALARS, *BY_CLASS_COMMITTED, *BY_TIER, *BY_INDEX, *COST_BINS,
)  # fmt: skip
#: Place of each component in the array of offsets, by name.
PLACE: dict[str, int] = {name: place for place, name in enumerate(_NAMES)}


class Axes(NamedTuple):
    """Labels of every dimension of the tables."""

    stages: tuple[str, ...]  # the last is ALL
    years: tuple[int, ...]
    classes: tuple[str, ...]
    instruments: tuple[str, ...]  # classes, taxes, platforms, measures of support, tiers of guarantees
    causes: tuple[str, ...]
    fates: tuple[str, ...]


TAXES, COMPANY_TAX, PLATFORM = "investor_tax", "company_tax", "pilot_platform"


def axes_of(names: Names, simulated_years: int, measures: tuple[str, ...] = ()) -> Axes:
    """Dimensions of a study's tables; `measures` are those of support, and the tiers of guarantees."""
    return Axes(
        stages=(*names.stages, ALL),
        years=tuple(range(1, simulated_years + 1)),
        classes=names.classes,
        instruments=(*names.classes, TAXES, COMPANY_TAX, PLATFORM, *measures),
        causes=CAUSES[1:],
        fates=FATES[1:],
    )


def layout_of(axes: Axes) -> Layout:
    """The layout of the per-path vector."""
    stage, year = ("stage", axes.stages), ("year", axes.years)
    by_class, instrument = ("class", axes.classes), ("instrument", axes.instruments)
    stays = tuple(range(1, LONGEST_STAY + 1))
    components = [Component(name, (stage,)) for name in BY_STAGE]
    components += [Component(name, (stage, year)) for name in BY_STAGE_AND_YEAR]
    components.append(Component("causes", (stage, ("cause", axes.causes), ("order", ORDERS))))
    components.append(Component("fates", (stage, ("fate", axes.fates))))
    components.append(Component("stays", (stage, ("stay", stays))))
    components += [Component(name, (by_class, year)) for name in BY_CLASS_AND_YEAR]
    components += [Component(name, (by_class,)) for name in BY_CLASS]
    components += [Component(name, (instrument, year)) for name in BY_INSTRUMENT_AND_YEAR]
    components += [Component(name) for name in SCALARS]
    components += [Component(name, (by_class,)) for name in BY_CLASS_COMMITTED]
    components += [Component(name, (("tier", TIERS),)) for name in BY_TIER]
    components += [Component(name, (("index", INDICES),)) for name in BY_INDEX]
    components += [Component(name, (("bin", tuple(range(1, N_COST_BINS + 1))),)) for name in COST_BINS]
    return Layout(components)


def offsets_of(layout: Layout) -> NDArray[np.int64]:
    """First place of each component in the vector, in the order of `PLACE`."""
    return np.array([layout.slice(name).start for name in _NAMES], dtype=np.int64)
