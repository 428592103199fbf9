"""Support at stages, co-investors, loans: by dose and by channel: ``python -m benchmarks.measures [PATHS]``; Markdown.

Its tables are in docs/measures.md. Every scenario is compared with the baseline on the same luck; shares are in points.
"""

import re
import sys

from benchmarks.levers import PATHS, show, show_effects
from finance import compare, load_scenario
from finance.scenario import Scenario

TITLE = {"en": "A measure", "zh": "措施"}
EARLY, ALL = ["seed", "angel", "a"], ["seed", "angel", "a", "b", "c", "pre-ipo"]


def measure(**values: object) -> dict[str, object]:
    """Change a scenario by one measure of support."""
    return {"support.measure": {"title": TITLE, **values}}


def joining(**values: object) -> dict[str, object]:
    """Change a scenario by a co-investor, as in the preset."""
    preset = load_scenario("programme-co-investor").document()["classes"]["programme"]
    return {"classes.programme": preset | values}


def lending(**values: object) -> dict[str, object]:
    """Change a scenario by loans of a tenth of A to C rounds."""
    given = {"stages": ["a", "b", "c"], "loan_share": 0.1, "interest_rate": 0.04} | values
    return {f"credit.{name}": value for name, value in given.items()}


CHANNELS: dict[str, dict[str, object]] = {
    "grant: an eighth of seed": measure(stages=["seed"], paid_share=0.125),
    "grant: a quarter of seed": measure(stages=["seed"], paid_share=0.25),
    "grant: a quarter of seed to A": measure(stages=EARLY, paid_share=0.25),
    "grant: half of seed to A": measure(stages=EARLY, paid_share=0.5),
    "concept: odds 1.5 at seed": measure(stages=["seed"], odds_ratio=1.5),
    "concept: a fifth less noise at seed": measure(stages=["seed"], noise_reduction_share=0.2),
    "concept: its cost alone": measure(stages=["seed"], round_cost=1.0),
    "tools: a fifth cheaper, seed to A": measure(stages=EARLY, cost_reduction_share=0.2),
    "tools: a fifth faster, seed to A": measure(stages=EARLY, time_reduction_share=0.2),
    "sandbox: odds 1.5 at A and B": measure(stages=["a", "b"], odds_ratio=1.5),
    "pool: odds 0.86 at seed and angel": measure(stages=["seed", "angel"], odds_ratio=0.86),
    "pool: a twentieth faster": measure(stages=["seed", "angel"], time_reduction_share=0.05),
    "talent: 0.7 % of all cash at twice the price": measure(stages=ALL, paid_share=0.007, paid_multiple=2.0),
    "platform: a tenth less noise": measure(stages=ALL[:-1], noise_reduction_share=0.1),
    "co-investor: half of early rounds": joining(),
    "co-investor: four times the money": joining(capacity=48.0),
    "co-investor: ten times the money": joining(capacity=120.0),
    "co-investor: growth rounds, 25 years": joining(stages=["b", "c"], life_years=25.0, investment_years=10),
    "loans: a tenth of A to C": lending(),
    "loans: a fifth of A to C": lending(loan_share=0.2),
    "loans: guaranteed, claims up to 5 %": lending(guarantee_shares={"all": 0.8}, claim_cap=0.05, fee_rate=0.01),
    "loans: guaranteed without a cap": lending(guarantee_shares={"all": 0.8}, fee_rate=0.01),
}


def named(baseline: Scenario) -> list[Scenario]:
    """Each channel as a scenario."""
    return [
        baseline.with_changes(changes, name=re.sub("[^a-z0-9]+", "-", label.lower()))
        for label, changes in CHANNELS.items()
    ]


def main() -> None:
    """Compare all of them in one study, print the differences, and what banks are left with."""
    paths = int(sys.argv[1]) if len(sys.argv) > 1 else PATHS
    baseline = load_scenario("baseline")
    scenarios = named(baseline)
    order = [scenario.name for scenario in scenarios]
    study = compare([baseline, *scenarios], baseline="baseline", paths=paths, seed=1)
    show_effects(study.tables, order)
    credit = study.tables["credit"]
    credit = credit[credit["scenario"].str.startswith("loans")].assign(variance_ratio=float("nan"))
    show("Credit: CNY million a path, shares in per cent", credit.assign(column=credit["measure"]), order)


if __name__ == "__main__":
    main()
