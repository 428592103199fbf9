"""A kept run of hand-made tables, with names of its own: nothing that shows results may know them beforehand."""

import pandas as pd

from finance.running.store import Manifest, RunStore
from finance.scenario import load_scenario
from tests.study_tables import frame
from tests.study_tables import tables as study_tables
from tests.support import write_delta

RUN = "0123456789abcdef0123"
YEARS = range(1, 26)
#: Labels that no catalogue has.
NEW_INSTRUMENT, NEW_TIER, NEW_CAUSE, NEW_FATE = "odd_levy", "third_tier", "odd_obstacle", "odd_end"
DETERMINANTS = {"paths": 2000, "seed": 1, "baseline": 0, "engine": "ab" * 32}


def whole_tables(*scenarios):
    """Return the tables of `tests.study_tables` and all others that a comparison has, leverage included."""
    found = study_tables(*scenarios)
    levels = [_more_of(name, 1.0 + 0.1 * place) for place, name in enumerate(scenarios)]
    for table, (dimensions, _) in levels[0].items():
        found[table] = frame(dimensions, [row for one in levels for row in one[table][1]])
    for table, kind, label in (("gap_causes", "cause", NEW_CAUSE), ("fates", "fate", NEW_FATE)):
        rows = found[table].drop_duplicates([name for name in found[table].columns if name in _KEYS - {kind}])
        # Small: the plain sentence names the biggest, and has words for causes that the model knows.
        small = {"value": 0.005, "low": 0.004, "high": 0.006}
        found[table] = pd.concat([found[table], rows.assign(**{kind: label}, **small)], ignore_index=True)
    if len(scenarios) > 1:
        found["gap_change"] = pd.DataFrame(
            [
                (one, scenarios[0], stage, effect, value, value - 20.0, value + 20.0, "CNY million")
                for one in scenarios[1:]
                for stage in ("seed", "all")
                for effect, value in (("potential", 3.0), ("supply", -120.0))
            ],
            columns=["scenario", "baseline", "stage", "effect", "value", "low", "high", "unit"],
        )
    return found


_KEYS = {"scenario", "stage", "order", "measure", "cause", "fate"}


def _more_of(name, factor):
    money = "CNY million"
    by_year = [
        (name, stage, year, measure, factor * year * size, 1.5, money)
        for stage in ("seed", "all")
        for year in YEARS
        for measure, size in (("supplied", 9.0), ("observed_gap", 4.0), ("latent_gap", 7.0))
    ]
    accounts = [
        (name, instrument, year, measure, factor * size, 0.5, money)
        for instrument in ("guidance", "investor_tax", NEW_INSTRUMENT)
        for year in YEARS
        for measure, size in (("outlay", 40.0), ("receipt", 25.0), ("tax_forgone", 0.0), ("present_value", 12.0))
    ]
    leverage = [
        row
        for tier in ("national", NEW_TIER)
        for row in (
            (name, tier, "accounting_leverage", 3.2 * factor, 0.1, "multiple"),
            (name, tier, "public_share", 0.25, 0.01, "share"),
            (name, tier, "unspent", 120.0, 4.0, money),
        )
    ]
    capital = [
        (name, one, year, "invested", 10.0 * factor, 0.5, money) for one in ("angel", "patient") for year in YEARS
    ]
    return {
        "gap_by_year": (("stage", "year"), by_year),
        "public_accounts": (("instrument", "year"), accounts),
        "leverage": (("tier",), leverage),
        "capital": (("class", "year"), capital),
    }


def keep_run(folder, *names, run=RUN, tables=None):
    """Keep a run of scenarios that can be loaded by name; the first is the baseline."""
    scenarios = [load_scenario(name) for name in names]
    digests = [[each.digest for each, _ in one.chain()] for one in scenarios]
    texts = {one.name: one.path.read_text(encoding="utf-8") for one in scenarios}
    manifest = Manifest(run, DETERMINANTS | {"digests": digests}, texts, {"equilibrium": 2.5, "paths": 1.25})
    store = RunStore(folder)
    store.save(manifest, whole_tables(*[one.name for one in scenarios]) if tables is None else tables)
    return store


def write_scenarios(folder, count):
    """Write so many scenarios that differ from the baseline, and return their names."""
    names = [f"more-{place}" for place in range(1, count + 1)]
    for place, name in enumerate(names, start=1):
        title = {"en": f"Tolerance <b>number</b> {place} & more", "zh": f"第{place}种宽容"}
        write_delta(folder / "scenarios", name, "baseline", title=title, tolerance={"attempts": 2 + place % 3})
    return names
