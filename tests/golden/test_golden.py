"""Whole scenarios as last agreed: what every shipped preset and two small economies give on a few paths.

All of a study is one test: whichever process runs it, an equilibrium is solved by that one only, or read if it is kept.
A count is a mean over the paths: one venture more or less moves it far beyond the tolerance of a golden float.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from finance.study.compare import Study, compare

SMALL = Path(__file__).parents[1] / "scenarios"
STUDIES = {
    "tiny": [str(SMALL / "tiny.toml")],
    "thin-exit": [str(SMALL / "thin-exit.toml")],
    "baseline-risky": ["baseline-risky"],
    "presets": ["baseline", "seeds-patient", "seeds-tolerance", "seeds-patient-tolerance"],
}
#: Two leaves of the sums, and enough in each group that the variance between pilots is part of the intervals.
PATHS = 128

#: Tables compared with their intervals, as they are.
TIDY = ("headline", "gap_by_stage", "funnel", "returns")
#: Tables compared by value alone, and the column whose labels become columns, so that a diff can be read.
WIDE = {"gap_causes": "order", "fates": "fate", "capital": "measure", "public_accounts": "measure"}
#: What only a comparison of several scenarios has.
COMPARED = ("differences", "gap_change", "versus", "league")


def golden_tables(study: Study) -> dict[str, pd.DataFrame]:
    """Return what is compared of a study, by the name of its golden file."""
    found = {name: study.tables[name] for name in TIDY}
    found |= {name: values_across(study.tables[name], column) for name, column in WIDE.items()}
    found |= {name: study.tables[name] for name in COMPARED if name in study.tables}
    if "differences" in found:
        found["differences"] = differences_of_tidy(found["differences"])
    return {name.replace("_", "-"): table for name, table in found.items()}


def values_across(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the values of a table, a row for all that stands under the labels of one column."""
    amounts = table[table["measure"] != "share"]  # a cause's share is its amount over the gap
    labels = [name for name in table.columns if name not in ("value", "low", "high", "unit")]
    wide = amounts.set_index(labels)["value"].unstack(column, sort=False).reset_index()
    return wide if column == "measure" else wide.drop(columns="measure")


def differences_of_tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Return the differences in the tables that are compared with intervals."""
    rows = table[table["table"].isin(TIDY)]
    return rows[["scenario", "table", "stage", "class", "measure", "value", "low", "high", "variance_ratio"]]


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_is_as_last_agreed(golden, subtests, name):
    found = golden_tables(compare(STUDIES[name], paths=PATHS))
    for table, rows in found.items():
        with subtests.test(table=table):
            golden(f"{name}-{table}", rows)


def test_every_golden_file_is_compared(golden):
    tables = {name.replace("_", "-") for name in (*TIDY, *WIDE)}
    compared = {f"{study}-{table}" for study in STUDIES for table in tables}
    compared |= {f"presets-{table.replace('_', '-')}" for table in COMPARED}
    assert {path.stem for path in golden.folder.glob("*.json")} == compared
