"""The packages of the two articles where all funds live 15 or 20 years: ``python -m benchmarks.lives [PATHS]``.

Lives of patient capital, market funds and sub-funds; compared with the baseline of 7 to 10 years on the same luck.
The table is in docs/levers.md; shares are in points.
"""

import sys
from collections.abc import Iterator

from benchmarks.levers import PATHS, show
from finance import compare, load_scenario
from finance.scenario import Scenario

LIVES = (15.0, 20.0)
CLASSES = ("patient", "venture", "guidance")
PARTS = ("patient", "tolerance", "guidance", "tax", "platform")
SCENARIOS = (
    "baseline", "seeds-patient", "seeds-tolerance", "seeds-patient-tolerance", "seeds-guidance", "seeds-tax",
    "seeds-platform", "seeds-full", *(f"seeds-full-without-{part}" for part in PARTS),
)  # fmt: skip
MEASURES = ("coverage", "exits", "overinvestment", "social_value", "economic_cost")


def lived() -> Iterator[Scenario]:
    """Each scenario at each life."""
    for life in LIVES:
        for name in SCENARIOS:
            changes = {f"classes.{one}.life_years": life for one in CLASSES}
            yield load_scenario(name).with_changes(changes, name=f"{name}-{life:g}")


def main() -> None:
    """Compare all of them in one study, print the differences."""
    paths = int(sys.argv[1]) if len(sys.argv) > 1 else PATHS
    scenarios = [load_scenario("baseline"), *lived()]
    differences = compare(scenarios, baseline="baseline", paths=paths, seed=1).tables["differences"]
    headline = differences[(differences["table"] == "headline") & differences["measure"].isin(MEASURES)]
    show("Lives of 15 and 20 years", headline.assign(column=headline["measure"]), [one.name for one in scenarios[1:]])


if __name__ == "__main__":
    main()
