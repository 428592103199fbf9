"""The levers at several doses and channel by channel: ``python -m benchmarks.levers [PATHS]``; prints Markdown tables.

Every scenario is compared with the baseline on the same luck. Its tables are in docs/levers.md; shares are in points.
"""

import re
import sys
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from finance import compare, load_scenario
from finance.scenario import Scenario

PATHS = 2_000
DOSES = (0.0, 0.25, 0.5, 1.0, 2.0)
LEVERS = {
    "patient": ("seeds-patient", ["classes.patient"]),
    "tolerance": ("seeds-tolerance", ["tolerance"]),
    "both": ("seeds-patient-tolerance", ["classes.patient", "tolerance"]),
    "guidance": ("seeds-guidance", ["guidance_fund"]),
    "tax": ("seeds-tax", ["tax"]),
    "platform": ("seeds-platform", ["pilot_platform"]),
    "full": ("seeds-full", ["classes.patient", "tolerance", "guidance_fund", "tax", "pilot_platform"]),
}
_MUCH = {"guidance_fund.commitment": 100_000.0}
_PLACES = {"pilot_platform.places": 1000.0}
#: Values that a lever moves together, one at a time; guidance with ten times the national fund's money, to see it.
CHANNELS: dict[str, dict[str, object]] = {
    "patient: capacity": {"classes.patient.capacity": 354.0},
    "patient: life": {"classes.patient.life_years": 18.0},
    "patient: life and investment period": {
        "classes.patient.life_years": 18.0,
        "classes.patient.investment_years": 6,
    },
    "life of market and sub-funds 15": {"classes.venture.life_years": 15.0, "classes.guidance.life_years": 15.0},
    "tolerance: attempts": {"tolerance.attempts": 3},
    "tolerance: patience": {"tolerance.patience_quarters": 24},
    "tolerance: search": {"tolerance.search_quarters": 6},
    "tolerance: loss limits": {"tolerance.fund_loss_limit": {"seed": 0.70, "venture": 0.50, "later": 0.30}},
    "tolerance: honoured": {"tolerance.honoured": 0.8},
    "guidance: pari passu": _MUCH,
    "guidance: buy-out": _MUCH | {"guidance_fund.contract": "buy-out", "guidance_fund.contract_rate": 0.05},
    "guidance: first loss": _MUCH | {"guidance_fund.contract": "first-loss", "guidance_fund.contract_share": 0.3},
    "guidance: give-up": _MUCH | {"guidance_fund.contract": "give-up", "guidance_fund.contract_share": 1.0},
    "guidance: give-up, none diverted": _MUCH
    | {
        "guidance_fund.contract": "give-up",
        "guidance_fund.contract_share": 1.0,
        "guidance_fund.diverted_share": 0.0,
    },
    "guidance: give-up, all diverted": _MUCH
    | {
        "guidance_fund.contract": "give-up",
        "guidance_fund.contract_share": 1.0,
        "guidance_fund.diverted_share": 1.0,
    },
    "guidance: give-up, elasticity 0": _MUCH
    | {
        "guidance_fund.contract": "give-up",
        "guidance_fund.contract_share": 1.0,
        "classes.guidance.supply_elasticity": 0.0,
    },
    "guidance: give-up, elasticity 3": _MUCH
    | {
        "guidance_fund.contract": "give-up",
        "guidance_fund.contract_share": 1.0,
        "classes.guidance.supply_elasticity": 3.0,
    },
    "tax: angels exempt": {"tax.gain_exemption_share": 1.0},
    "tax: angels exempt, no supply response": {
        "tax.gain_exemption_share": 1.0,
        **{f"classes.{name}.supply_elasticity": 0.0 for name in ("angel", "venture", "guidance", "corporate", "late")},
    },
    "tax: super-deduction 150 %": {"tax.super_deduction_share": 1.5},
    "tax: super-deduction 200 %": {"tax.super_deduction_share": 2.0},
    "tax: holiday of 5 + 5 years": {"tax.holiday_years": 5, "tax.reduced_years": 5, "tax.reduced_rate": 0.075},
    "platform: odds": _PLACES | {"pilot_platform.odds_ratio": 2.0},
    "platform: odds x 9.3": _PLACES | {"pilot_platform.odds_ratio": 9.3},
    "platform: cost": _PLACES | {"pilot_platform.cost_reduction_share": 0.3, "pilot_platform.subsidy": 26.0},
    "platform: time": _PLACES | {"pilot_platform.time_reduction_share": 0.2},
}
SHARES = ("coverage", "coverage_rounds", "coverage_value", "gap_ratio", "exits")
AMOUNTS = ("overinvestment", "social_value", "budget_cost", "economic_cost")


def dosed() -> Iterator[Scenario]:
    """Each lever, and both, at each dose."""
    for label, (file, tables) in LEVERS.items():
        scenario = load_scenario(file)
        for dose in DOSES:
            name = f"{label}-{dose:g}".replace(".", "-")
            yield scenario.with_dose(dict.fromkeys(tables, dose), name=name)


def channels(baseline: Scenario) -> Iterator[Scenario]:
    """Each channel of each lever alone."""
    for label, changes in CHANNELS.items():
        yield baseline.with_changes(changes, name=re.sub("[^a-z0-9]+", "-", label))


def cell(row: pd.Series) -> str:
    """A difference with its interval, and how much of the unpaired variance pairing leaves, where that is known."""
    scale = 100.0 if row["unit"] == "share" else 1.0  # in points
    value, half = scale * row["value"], scale * (row["high"] - row["low"]) / 2.0
    if value == 0.0 and half == 0.0:
        return "0"
    digits = 2 if half < 1.0 else 1 if half < 10.0 else 0
    text = f"{value:+,.{digits}f} ± {half:,.{digits}f}".replace("-", "−")
    return text if np.isnan(row["variance_ratio"]) else f"{text} ({row['variance_ratio']:.2f})"


def show(title: str, frame: pd.DataFrame, order: list[str]) -> None:
    """Print one Markdown table: a row a scenario, a column a measure; – where nothing can be said."""
    print(f"\n## {title}\n")
    frame = frame.assign(cell=frame.apply(cell, axis=1))
    wide = frame.pivot_table(index="scenario", columns="column", values="cell", aggfunc="first", sort=False).fillna("–")
    show_rows(wide.rename(columns=lambda name: name.replace("_", " ")), order)


def show_rows(wide: pd.DataFrame, order: list[str]) -> None:
    """Print a frame of texts as a Markdown table, those of its rows that are in the order."""
    print("| | " + " | ".join(wide.columns) + " |\n|---" + "|---:" * len(wide.columns) + "|")
    for name in order:
        if name in wide.index:
            print(f"| {name} | " + " | ".join(wide.loc[name]) + " |")


def show_effects(tables: Mapping[str, pd.DataFrame], order: list[str]) -> None:
    """Print what a comparison's scenarios change: headline, coverage by stage, the two effects of the gap."""
    differences, change = tables["differences"], tables["gap_change"]
    headline = differences[differences["table"] == "headline"]
    for title, measures in (("Headline", SHARES), ("Headline: value and cost, CNY million a path", AMOUNTS)):
        some = headline[headline["measure"].isin(measures)]
        show(title, some.assign(column=some["measure"]), order)
    stages = differences[(differences["table"] == "gap_by_stage") & (differences["measure"] == "conditional_coverage")]
    show("Coverage once there, by stage", stages.assign(column=stages["stage"]), order)
    change = change[change["stage"] == "all"].assign(variance_ratio=float("nan"))
    show("Change of the total gap, CNY million a path", change.assign(column=change["effect"]), order)


def main() -> None:
    """Compare all of them in one study, print the differences."""
    paths = int(sys.argv[1]) if len(sys.argv) > 1 else PATHS
    baseline = load_scenario("baseline")
    nothing = [scenario.name for scenario in dosed() if scenario.name.endswith("-0")]
    scenarios = [baseline, *dosed(), *channels(baseline)]
    order = [scenario.name for scenario in scenarios[1:] if scenario.name not in nothing]
    study = compare(scenarios, baseline="baseline", paths=paths, seed=1)
    differences = study.tables["differences"]
    moved = differences[differences["scenario"].isin(nothing) & (differences["value"] != 0.0)]
    print(f"Dose 0 of {', '.join(LEVERS)}: {len(moved)} numbers differ from the baseline's.")
    show_effects(study.tables, order)
    money = study.tables["versus"].assign(variance_ratio=float("nan"))
    show("What it costs, and private money for public", money.assign(column=money["measure"]), order)
    invested = differences[(differences["table"] == "capital") & (differences["measure"] == "invested")]
    by_class = invested.groupby(["scenario", "class"], sort=False)["value"].sum().unstack()
    print("\n## Money invested by class, CNY million a path\n")
    show_rows(by_class.map(lambda value: f"{value:+,.0f}".replace("-", "−")), order)


if __name__ == "__main__":
    main()
