"""Hand-made tables in the shape in which a simulation or a comparison gives them."""

import math
from types import ModuleType, SimpleNamespace

import pandas as pd

STAGES = ("seed", "angel", "a", "b", "c", "pre-ipo")
CAUSES = (
    *("capacity", "accountability", "investor_tax", "horizon", "required_return"),
    *("financing_risk", "mandate", "founders", "other"),
)
FATES = ("technical", "starved", "efficient_rejection", "ipo", "trade_sale", "alive")
CLASSES = ("angel", "venture", "guidance", "patient", "corporate", "late")
HEADLINE = {
    "coverage": (0.4123, 0.006, "share"),
    "coverage_rounds": (0.5234, 0.005, "share"),
    "coverage_value": (0.4871, 0.0071, "share"),
    "gap_ratio": (0.5561, 0.0063, "share"),
    "total_gap": (7654.3, 88.0, "CNY million"),
    "overinvestment": (312.4, 9.7, "CNY million"),
    "exits": (6.71, 0.052, "number"),
    "ventures_alive": (3.1, 0.04, "number"),
    "social_value": (1234.5, 61.0, "CNY million"),
    "twin_social_value": (4321.0, 70.0, "CNY million"),
    "budget_cost": (-784.2, 12.3, "CNY million"),
    "economic_cost": (96.1, 4.4, "CNY million"),
}
BY_STAGE = {
    "asked": (900.0, 11.0),
    "supplied": (500.0, 9.0),
    "observed_gap": (400.4, 8.0),
    "latent_gap": (210.3, 7.0),
    "total_gap": (610.7, 9.0),
}
CONDITIONAL = (0.71, 0.55, 0.46, 0.31, 0.52, 0.83)
SHARES = (0.62, 0.11, 0.08, 0.06, 0.05, 0.04, 0.02, 0.01, 0.01)


def frame(dimensions, rows):
    """Return a table from rows of labels, measure, value, half the interval and unit."""
    names = ["scenario", *dimensions, "measure", "value", "low", "high", "unit"]
    full = [(*row[:-2], row[-3] - row[-2], row[-3] + row[-2], row[-1]) for row in rows]
    return pd.DataFrame(full, columns=names)


def levels(scenario, factor=1.0):
    """Return the rows of the tables of one scenario, by table."""
    headline = [(scenario, name, v * factor, h, unit) for name, (v, h, unit) in HEADLINE.items()]
    stages = []
    for place, stage in enumerate((*STAGES, "all")):
        conditional = CONDITIONAL[place] if stage != "all" else 0.4123
        stages += [
            (scenario, stage, "coverage", conditional * 0.8 * factor, 0.007, "share"),
            (scenario, stage, "conditional_coverage", conditional * factor, 0.0081, "share"),
            *((scenario, stage, name, v * (place + 1), h, "CNY million") for name, (v, h) in BY_STAGE.items()),
        ]
    causes = [
        (scenario, stage, cause, order, "share", share, 0.004, "share")
        for stage in (*STAGES, "all")
        for order in ("capacity_first", "capacity_last")
        for cause, share in zip(CAUSES, SHARES, strict=True)
    ]
    funnel = [(scenario, "a", "median_years_in_stage", 1.75, 0.03, "years")]
    for place, stage in enumerate((*STAGES, "all")):
        funnel += [
            (scenario, stage, "entered", 240.0 - 30.0 * place, 0.0, "number"),
            (scenario, stage, "funded", (121.3 - 10.0 * place) * factor, 0.9, "number"),
            (scenario, stage, "succeeded", 53.2 - 5.0 * place, 0.6, "number"),
        ]
    fates = [(scenario, "all", fate, "ventures", 10.0 + k, 0.21, "number") for k, fate in enumerate(FATES)]
    returns = []
    for name in CLASSES:
        returns += [
            (scenario, name, "pooled_irr", 0.0873, 0.0042, "rate a year"),
            (scenario, name, "multiple", 1.62, 0.031, "multiple"),
            (scenario, name, "loss_probability", 0.41, 0.012, "share"),
            (scenario, name, "value_ratio", 1.04, 0.02, "multiple"),
        ]
    solved = [(scenario, "baseline", "pilot_error", 0.0021, math.nan, "share")]
    for start, ratio in (("baseline", 0.5561), ("optimistic", 0.5558), ("pessimistic", 0.5570)):
        solved += [
            (scenario, start, "iterations", 14.0, math.nan, "number"),
            (scenario, start, "residual", 0.00071, math.nan, "share"),
            (scenario, start, "gap_ratio", ratio, 0.0113, "share"),
        ]
    return {
        "headline": ((), headline),
        "gap_by_stage": (("stage",), stages),
        "gap_causes": (("stage", "cause", "order"), causes),
        "funnel": (("stage",), funnel),
        "fates": (("stage", "fate"), fates),
        "returns": (("class",), returns),
        "equilibrium": (("start",), solved),
    }


def tables(*scenarios):
    """Return the tables of scenarios; each funds a tenth more than the one before it."""
    parts = [levels(name, 1.1**place) for place, name in enumerate(scenarios)]
    found = {
        table: frame(dimensions, [row for part in parts for row in part[table][1]])
        for table, (dimensions, _) in parts[0].items()
    }
    if len(scenarios) > 1:
        found["differences"] = differences(found, scenarios)
        found["versus"] = pd.DataFrame(
            [
                (scenario, scenarios[0], measure, value, value - 3.1, value + 4.2, "CNY million")
                for scenario in scenarios[1:]
                for measure, value in (("cost_per_additional_company", 43.21), ("cost_per_coverage_point", -8.7))
            ],
            columns=["scenario", "baseline", "measure", "value", "low", "high", "unit"],
        )
    return found


def differences(found, scenarios, half=0.02):
    """Return the differences of all tables against the first scenario; half the interval is given or 4."""
    rows = []
    for table, values in found.items():
        labels = [name for name in values.columns if name not in ("scenario", "value", "low", "high", "unit")]
        below = values[values["scenario"] == scenarios[0]].set_index(labels)["value"]
        for scenario in scenarios[1:]:
            own = values[values["scenario"] == scenario].set_index(labels)
            for key, row in own.iterrows():
                change = row["value"] - below.loc[key]
                named = dict(zip(labels, key if isinstance(key, tuple) else (key,), strict=True))
                margin = half if row["unit"] == "share" else 4.0
                rows.append(
                    {"scenario": scenario, "baseline": scenarios[0], "table": table, **named}
                    | {"value": change, "low": change - margin, "high": change + margin}
                    | {"unit": row["unit"], "variance_ratio": 0.1}
                )
    order = ["scenario", "baseline", "table", "stage", "cause", "order", "fate", "class", "start"]
    return pd.DataFrame(rows)[[*order, "measure", "value", "low", "high", "unit", "variance_ratio"]]


def put(found, table, value, low, high, /, **labels):
    """Change one row of a table."""
    values = found[table]
    chosen = pd.Series(True, index=values.index)
    for name, label in labels.items():
        chosen &= values[name] == label
    assert chosen.sum() == 1, labels
    values.loc[chosen, ["value", "low", "high"]] = [value, low, high]


class FakeEngine(ModuleType):
    """Stands in for ``finance.study.compare``: answers with hand-made tables and notes what it was asked.

    ``trouble`` is raised instead; ``told`` are the (stage, done, total) reported before.
    """

    RUN = "0123456789abcdef0123"

    def __init__(self, trouble=None, told=(("equilibrium", 0, 1), ("paths", 64, 64)), timings=None):
        super().__init__("finance.study.compare")
        self.trouble, self.told = trouble, told
        self.timings = {"equilibrium": 0.1, "paths": 0.2} if timings is None else timings
        self.calls = []

    def simulate(self, scenario, **options):
        self._work([scenario.name], options)
        return SimpleNamespace(scenario=scenario, tables=tables(scenario.name), run_id=self.RUN, timings=self.timings)

    def compare(self, scenarios, baseline=None, **options):
        names = [one.name for one in scenarios]
        self._work(names, options | {"baseline": baseline.name})
        ordered = [baseline.name, *(name for name in names if name != baseline.name)]
        return SimpleNamespace(
            scenarios=tuple(scenarios),
            baseline=baseline,
            tables=tables(*ordered),
            run_id=self.RUN,
            timings=self.timings,
        )

    def _work(self, names, options):
        self.calls.append((names, options))
        for report in self.told:
            options["progress"](*report)
        if self.trouble is not None:
            raise self.trouble
