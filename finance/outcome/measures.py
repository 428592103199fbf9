"""Every reported measure, registered once: its name, table, unit, definition and how it comes from the path vectors."""

from __future__ import annotations

from finance.outcome.components import ALL, LONGEST_STAY
from finance.outcome.registry import Joint, Mean, Measure, Median, Plain, PooledRate, Quantile, Ratio
from finance.outcome.worst_case import COST_EDGES, PROBABILITY, WORST

MONEY, MONEY_A_YEAR, SHARE, COUNT, YEARS, RATE, MULTIPLE, RATIO = (
    "CNY million",
    "CNY million a year",
    "share",
    "count",
    "years",
    "rate a year",
    "multiple",
    "ratio",
)
_AT_ALL = {"stage": ALL}
EQUILIBRIUM_STARTS = ("baseline", "optimistic", "pessimistic")


def _headline() -> list[Measure]:
    """The headline table."""
    shares = [
        ("coverage", "reference_filled", "reference_demand"),
        ("coverage_rounds", "reference_filled_rounds", "reference_rounds"),
        ("coverage_value", "reference_filled_value", "reference_value"),
    ]
    measures = [
        Measure(name, "headline", SHARE, f"outcome.{name}", Ratio(top, base), at=_AT_ALL, keep_null=name == "coverage",
                headline=True)
        for name, top, base in shares
    ]  # fmt: skip
    measures.append(
        Measure("gap_ratio", "headline", SHARE, "outcome.gap_ratio", Ratio("total_gap", "asked_or_latent"),
                at=_AT_ALL, keep_null=True, headline=True)
    )  # fmt: skip
    for name in ("total_gap", "overinvestment"):
        measures.append(Measure(name, "headline", MONEY, f"outcome.{name}", Mean(name), at=_AT_ALL, headline=True))
    for name in ("exits", "ventures_alive", "ventures_simulated"):
        measures.append(Measure(name, "headline", COUNT, f"outcome.{name}", Mean(name), headline=True))
    for name in ("social_value", "twin_social_value", "end_value", "budget_cost", "economic_cost"):
        measures.append(Measure(name, "headline", MONEY, f"outcome.{name}", Mean(name), headline=True))
    return measures


def _gap_by_stage() -> list[Measure]:
    """The gap by stage, with the yardstick and the terms of rounds."""
    table = "gap_by_stage"
    sums = (
        "asked", "supplied", "observed_gap", "latent_gap", "total_gap", "off_twin", "potential_demand",
        "reference_demand", "bridge", "overinvestment",
    )  # fmt: skip
    ratios = [
        ("gap_ratio", "total_gap", "asked_or_latent", SHARE),
        ("coverage", "reference_filled", "reference_demand", SHARE),
        ("coverage_rounds", "reference_filled_rounds", "reference_rounds", SHARE),
        ("conditional_coverage", "reached_filled", "reached_demand", SHARE),
        ("crowding", "tightness", "closings", RATIO),
        ("price_over_floor", "price_over_floor", "closings", RATIO),
    ]
    measures = [Measure(name, table, MONEY, f"outcome.{name}", Mean(name)) for name in sums]
    measures += [
        Measure(name, table, unit, f"outcome.{name}", Ratio(top, base), keep_null=name in ("coverage", "gap_ratio"))
        for name, top, base, unit in ratios
    ]
    return measures


def _by_year_and_cause() -> list[Measure]:
    """The gap over time and its causes."""
    names = {"asked": "asked", "supplied": "supplied", "observed": "observed_gap", "latent": "latent_gap",
             "total": "total_gap"}  # fmt: skip
    measures = [
        Measure(name, "gap_by_year", MONEY, f"outcome.{name}", Mean(f"{component}_by_year"))
        for component, name in names.items()
    ]
    measures.append(Measure("amount", "gap_causes", MONEY, "outcome.cause_amount", Mean("causes")))
    measures.append(Measure("share", "gap_causes", SHARE, "outcome.cause_share", Ratio("causes", "observed_gap")))
    return measures


def _lives() -> list[Measure]:
    """Funnel and fates."""
    measures = [
        Measure(name, "funnel", COUNT, f"outcome.{name}", Mean(name)) for name in ("entered", "funded", "succeeded")
    ]
    # a stay of n quarters lies in the bin that ends at n
    edges = tuple(float(quarter) for quarter in range(LONGEST_STAY + 1))
    median = Median("stays", axis="stay", edges=edges, factor=0.25)
    measures.append(Measure("median_years_in_stage", "funnel", YEARS, "outcome.median_years_in_stage", median))
    measures.append(Measure("ventures", "fates", COUNT, "outcome.fates", Mean("fates")))
    return measures


def _capital() -> list[Measure]:
    """Capital and returns by class, public accounts by instrument."""
    measures = [
        Measure(name, "capital", MONEY, f"outcome.{name}", Mean(name))
        for name in ("invested", "distributed", "capacity_unused")
    ]
    measures.append(Measure("pooled_irr", "returns", RATE, "outcome.pooled_irr", PooledRate("net_flow")))
    ratios = [
        ("multiple", "proceeds", "paid_in", MULTIPLE),
        ("loss_probability", "deals_lost", "deals", SHARE),
        ("value_ratio", "present_proceeds", "paid_in", RATIO),
    ]
    measures += [
        Measure(name, "returns", unit, f"outcome.{name}", Ratio(top, base)) for name, top, base, unit in ratios
    ]
    measures += [
        Measure(name, "public_accounts", MONEY, f"outcome.{name}", Mean(name))
        for name in ("outlay", "receipt", "tax_forgone", "tax_received", "present_value")
    ]
    return measures


def _leverage() -> list[Measure]:
    """The guidance programme by tier: all its money over the public's, the public share, what found no partner."""
    table, total, public = "leverage", "tier_total", "tier_public"
    return [
        Measure("accounting_leverage", table, MULTIPLE, "outcome.accounting_leverage", Ratio(total, public)),
        Measure("public_share", table, SHARE, "outcome.public_share", Ratio(public, total)),
        Measure("unspent", table, MONEY_A_YEAR, "outcome.unspent", Mean("tier_unspent")),
    ]


def _credit() -> list[Measure]:
    """Loans of banks: what was lent and lost, what guarantees paid, and what is left to banks, not discounted."""
    sums = ("lent", "repaid", "lost", "claims", "fees", "margin")
    measures = [Measure(name, "credit", MONEY, f"outcome.credit_{name}", Mean(f"credit_{name}")) for name in sums]
    for name, top in (("loss_share", "credit_lost"), ("margin_share", "credit_margin")):
        measures.append(Measure(name, "credit", SHARE, f"outcome.credit_{name}", Ratio(top, "credit_lent")))
    return measures


def _public_risk() -> list[Measure]:
    """What public money costs in the worst twentieth of paths, at least."""
    return [
        Measure(f"{cost}_p95", "public_risk", MONEY, f"outcome.{cost}_p95",
                Quantile(bins, "bin", COST_EDGES, PROBABILITY, pairs_all_bins=False))
        for cost, bins in WORST.items()
    ]  # fmt: skip


def _indices() -> list[Measure]:
    """The indices of the seeds."""
    return [Measure("value", "indices", RATIO, "outcome.index", Ratio("index_numerator", "index_denominator"))]


def _equilibrium() -> list[Measure]:
    """How the equilibrium was found."""
    starts = (("start", EQUILIBRIUM_STARTS),)
    units = {"iterations": COUNT, "residual": SHARE, "gap_ratio": SHARE, "pilot_error": SHARE}
    return [
        Measure(name, "equilibrium", unit, f"outcome.equilibrium_{name}", Plain(starts)) for name, unit in units.items()
    ]


def measures_of() -> list[Measure]:
    """All measures of a comparison."""
    return [
        *_headline(),
        *_gap_by_stage(),
        *_by_year_and_cause(),
        *_lives(),
        *_capital(),
        *_leverage(),
        *_credit(),
        *_public_risk(),
        *_indices(),
        *_equilibrium(),
    ]


#: Components that the change of the gap and the ratios of cost combine.
JOINTS = (
    Joint(("total_gap", "potential_demand")),
    Joint(("reference_filled", "reference_demand", "economic_cost"), _AT_ALL),
    Joint(("private_invested", "public_outlay")),
    Joint(("committed_private", "private_invested", "public_outlay")),
    Joint(("fates", "exits", "economic_cost"), _AT_ALL | {"fate": "self_sustaining"}),
)
