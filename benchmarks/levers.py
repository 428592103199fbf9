"""The levers at several doses and channel by channel: ``python -m benchmarks.levers [PATHS]``; prints Markdown tables.

Every scenario is compared with the baseline on the same luck. The tables are those of docs/validation.md.
"""

import sys
from collections.abc import Iterator

import pandas as pd

from finance import compare, load_scenario
from finance.scenario import Scenario

PATHS = 2_000
DOSES = (0.0, 0.5, 1.0, 2.0)
LEVERS = {
    "patient": ("seeds-patient", ["classes.patient"]),
    "tolerance": ("seeds-tolerance", ["tolerance"]),
    "both": ("seeds-patient-tolerance", ["classes.patient", "tolerance"]),
}
#: Values that a lever moves together, one at a time.
CHANNELS = {
    "patient: capacity": {"classes.patient.capacity": 354.0},
    "patient: life": {"classes.patient.life_years": 18.0},
    "patient: life and investment period": {
        "classes.patient.life_years": 18.0,
        "classes.patient.investment_years": 6,
    },
    "tolerance: attempts": {"tolerance.attempts": 3},
    "tolerance: patience": {"tolerance.patience_quarters": 24},
    "tolerance: search": {"tolerance.search_quarters": 6},
    "tolerance: loss limits": {"tolerance.fund_loss_limit": {"seed": 0.70, "venture": 0.50, "later": 0.30}},
    "tolerance: honoured": {"tolerance.honoured": 0.8},
}
HEADLINE = (
    "coverage", "coverage_rounds", "coverage_value", "gap_ratio", "exits", "overinvestment", "social_value",
    "budget_cost", "economic_cost",
)  # fmt: skip


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
        yield baseline.with_changes(changes, name=label.replace(":", "").replace(" ", "-"))


def cell(row: pd.Series) -> str:
    """A difference with its interval, and how much of the unpaired variance pairing leaves."""
    scale = 100.0 if row["unit"] == "1" else 1.0
    half = scale * (row["high"] - row["low"]) / 2.0
    return f"{scale * row['value']:+.3g} ± {half:.2g} ({row['variance_ratio']:.2g})"


def show(title: str, frame: pd.DataFrame, order: list[str]) -> None:
    """Print one Markdown table: a row a scenario, a column a measure."""
    print(f"\n{title}\n")
    frame = frame.assign(cell=frame.apply(cell, axis=1))
    wide = frame.pivot_table(index="scenario", columns="column", values="cell", aggfunc="first", sort=False)
    columns = list(wide.columns)
    print("| | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 1))
    for name in order:
        if name in wide.index:
            print(f"| {name} | " + " | ".join(str(wide.loc[name].get(column, "")) for column in columns) + " |")


def main() -> None:
    """Compare all of them in one study, print the differences."""
    paths = int(sys.argv[1]) if len(sys.argv) > 1 else PATHS
    baseline = load_scenario("baseline")
    scenarios = [baseline, *dosed(), *channels(baseline)]
    order = [scenario.name for scenario in scenarios[1:]]
    study = compare(scenarios, baseline="baseline", paths=paths, seed=1)
    differences = study.tables["differences"]
    headline = differences[(differences["table"] == "headline") & differences["measure"].isin(HEADLINE)]
    show("Headline differences", headline.assign(column=headline["measure"]), order)
    stages = differences[(differences["table"] == "gap_by_stage") & (differences["measure"] == "conditional_coverage")]
    show("Conditional coverage by stage", stages.assign(column=stages["stage"]), order)
    change = study.tables["gap_change"]
    change = change[change["stage"] == "all"].assign(variance_ratio=float("nan"))
    show("Change of the total gap by effect", change.assign(column=change["effect"]), order)


if __name__ == "__main__":
    main()
