"""The golden fixture notices what it should, and only that."""

import numpy as np
import pandas as pd
import pytest

from tests.golden_tables import GoldenTables


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "stage": ["seed", "all"],
            "ventures": [12, 240],
            "value": [0.1, 5.0e6],
            "low": [np.nan, 0.0],
            "is_total": [False, True],
        }
    )


@pytest.fixture
def compare(tmp_path, table):
    GoldenTables(tmp_path, refresh=True)("gap-by-stage", table)
    return lambda changed: GoldenTables(tmp_path)("gap-by-stage", changed)


def test_a_table_agrees_with_itself(compare, table):
    compare(table.copy())


def test_the_last_digits_of_floats_may_differ(compare, table):
    compare(table.assign(value=table["value"] * (1.0 + 5e-10)))


@pytest.mark.parametrize(
    ("column", "values", "complaint"),
    [
        ("value", [0.1 * (1.0 + 2e-9), 5.0e6], r"seed: value is 0\.1\d+, golden 0\.1"),
        ("ventures", [12, 241], "all: ventures is 241, golden 240"),
        ("ventures", [12.0, 240.0], "seed: ventures is 12.0, golden 12"),
        ("stage", ["seed", "angel"], "stage is 'angel', golden 'all'"),
        ("low", [0.0, 0.0], "low is 0.0, golden None"),
        ("low", [np.nan, 1e-300], "low is 1e-300, golden 0.0"),
        ("is_total", [False, False], "is_total is False, golden True"),
    ],
)
def test_what_moved_is_named(compare, table, column, values, complaint):
    with pytest.raises(AssertionError, match=complaint):
        compare(table.assign(**{column: values}))


def test_rows_and_columns_are_part_of_the_table(compare, table):
    with pytest.raises(AssertionError, match="1 rows, golden 2"):
        compare(table.iloc[:1])
    with pytest.raises(AssertionError, match="columns"):
        compare(table[["ventures", "stage", "value", "low", "is_total"]])
    with pytest.raises(AssertionError, match="seed: stage is 'all'"):
        compare(table.iloc[::-1])


def test_without_a_file_it_says_how_to_make_one(tmp_path, table):
    with pytest.raises(AssertionError, match="make golden"):
        GoldenTables(tmp_path)("nothing-yet", table)


def test_refresh_overwrites_and_writes_a_row_a_line(tmp_path, table, compare):
    changed = table.assign(ventures=[1, 2])
    GoldenTables(tmp_path, refresh=True)("gap-by-stage", changed)
    compare(changed)
    lines = (tmp_path / "gap-by-stage.json").read_text().splitlines()
    assert lines[2] == '  ["seed", 1, 0.1, null, false],'


def test_names_stay_in_the_folder(tmp_path, table):
    with pytest.raises(ValueError, match="not a name"):
        GoldenTables(tmp_path, refresh=True)("../elsewhere", table)


def test_fixture_compares_unless_told_to_refresh(golden, request):
    assert golden.refresh is request.config.getoption("--refresh-golden")
    assert golden.folder.parent.name == "tests"
