"""What the tax office pays back, and a programme's terms: by dose and by channel: ``python -m benchmarks.terms [PATHS]``.

Markdown; its tables are in docs/terms.md. Reliefs are compared with the baseline, terms with the plain programme that all
programmes build on; each on the same luck. Shares are in points.
"""

import re
import sys

import pandas as pd

from benchmarks.levers import PATHS, show, show_effects
from finance import compare, load_scenario

#: Towns ask for 1.54 times their money (2022), half of which would be invested there anyhow.
DUTY = {"guidance_fund.reinvestment_multiple": 1.5, "guidance_fund.direction_share": 0.5}
#: Managers of all sub-funds see with up to three tenths more noise where nobody with money of his own watches.
FEW_WATCH = {"managers.unwatched_noise": 0.3}
#: What a plain programme's sub-funds raise a year in the economy of a path, and what that is in the country.
MONEY, NATION = 24.0, 20_000.0


def angels(**values: object) -> dict[str, object]:
    """Change the tax of angels, who lose today's deduction by it."""
    return {"tax.investment_deduction_share": 0.0} | {f"tax.{name}": value for name, value in values.items()}


def research(**values: object) -> dict[str, object]:
    """Pay research back at the British rate."""
    return {"tax.refunded_share": 1.0} | {f"tax.{name}": value for name, value in values.items()}


def sub_funds(**values: object) -> dict[str, object]:
    """Change the class of a programme's sub-funds."""
    return {f"classes.programme.{name}": value for name, value in values.items()}


def agreed(**values: object) -> dict[str, object]:
    """Change what partners of sub-funds agree."""
    return {f"guidance_fund.{name}": value for name, value in values.items()}


def public(share: float) -> dict[str, object]:
    """As much money, so much of it public."""
    return {
        "guidance_fund.commitment": share * NATION,
        "guidance_fund.sub_fund_share_cap": share,
        "classes.programme.capacity": (1.0 - share) * MONEY,
    }


RELIEFS: dict[str, dict[str, object]] = {
    "angels: no deduction": angels(),
    "angels: credit of a fifth": angels(investment_credit_share=0.2),
    "angels: credit of a third": angels(investment_credit_share=0.33),
    "angels: credit of a half": angels(investment_credit_share=0.5),
    "angels: losses at 40 %": angels(loss_relief_rate=0.4),
    "angels: half, and losses at 40 %": angels(investment_credit_share=0.5, loss_relief_rate=0.4),
    "venture: credit of a fifth": {"tax.relieved": ["venture"], **angels(investment_credit_share=0.2)},
    "research: half of it paid back": research(refunded_share=0.5),
    "research: all of it paid back": research(),
    "research: and a quarter relabelled": research(relabelled_share=0.242),
    "research: elasticity 0.15": research(research_elasticity=0.15),
    "research: elasticity 1": research(research_elasticity=1.0),
    "research: elasticity 2.6": research(research_elasticity=2.6),
}
TERMS: dict[str, dict[str, object]] = {
    "stages: budgets that bind": sub_funds(budgets_bind=True),
    "stages: seven tenths at seed and angel": sub_funds(stage_budgets={"seed": 0.25, "angel": 0.45, "a": 0.0}),
    "stages: seven tenths, and they bind": sub_funds(
        stage_budgets={"seed": 0.25, "angel": 0.45, "a": 0.0}, budgets_bind=True
    ),
    "limits: tickets of 20": sub_funds(ticket_max=20.0),
    "limits: worth 500 at most": sub_funds(valuation_max=500.0),
    "limits: worth 100 at most": sub_funds(valuation_max=100.0),
    "life: 3 more years, half agree": sub_funds(extension_years=3.0, extension_probability=0.5),
    "life: 3 more years, all agree": sub_funds(extension_years=3.0, extension_probability=1.0),
    "life: 10 and 10 years": sub_funds(life_years=20.0, investment_years=10),
    "audits: limits always honoured": sub_funds(honoured=1.0),
    "audits: never honoured": sub_funds(honoured=0.0),
    "audits: a reserve of 5 % of gains": sub_funds(reserve_share=0.05),
    "audits: preserve and grow by 2 %": sub_funds(preservation_rate=0.02),
    "audits: preserve and grow by 5 %": sub_funds(preservation_rate=0.05),
    "fee: 2 % of what is paid in": agreed(fee_base="paid-in", later_fee_base="paid-in"),
    "fee: 2 % of commitments": agreed(fee_base="committed"),
    "fee: fund of funds, 1 %": agreed(regional_fee_rate=0.01),
    "duty: 1.5 times": DUTY,
    **{f"share: {100 * share:.0f} % public": public(share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)},
    **{f"share: {100 * share:.0f} % public, duty": public(share) | DUTY for share in (0.1, 0.3, 0.5, 0.7, 0.9)},
    **{f"share: {100 * share:.0f} % public, few watch": public(share) | FEW_WATCH for share in (0.1, 0.5, 0.9)},
}


def name_of(label: str) -> str:
    """Name of a scenario."""
    return re.sub("[^a-z0-9]+", "-", label.lower())


def show_returns(tables: dict[str, pd.DataFrame], capital_class: str, order: list[str]) -> None:
    """Print what a class earns."""
    returns = tables["returns"]
    of_class = returns[returns["class"] == capital_class].assign(variance_ratio=float("nan"))
    show(f"Returns: {capital_class}", of_class.assign(column=of_class["measure"]), order)


def main() -> None:
    """Compare all of them in two studies, print the differences."""
    paths = int(sys.argv[1]) if len(sys.argv) > 1 else PATHS
    for base, channels, capital_class in (("baseline", RELIEFS, "angel"), ("programme-plain", TERMS, "programme")):
        baseline, order = load_scenario(base), [name_of(label) for label in channels]
        scenarios = [baseline.with_changes(changes, name=name_of(label)) for label, changes in channels.items()]
        study = compare([baseline, *scenarios], baseline=base, paths=paths, seed=1)
        print(f"\n# Against {base}")
        show_effects(study.tables, order)
        show_returns(study.tables, capital_class, [base, *order])


if __name__ == "__main__":
    main()
