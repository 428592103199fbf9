"""The workbook and the exported tables: the run's own numbers, unrounded, in both languages."""

import os

import numpy as np
import openpyxl
import pandas as pd
import pytest

from finance.language import set_language
from finance.scenario import explain
from finance.show.excel import write_workbook
from finance.show.report_files import write_tables
from finance.show.report_run import UnreadableRunError, find_run, reported
from tests.stored_run import RUN, keep_run, write_scenarios


@pytest.fixture(autouse=True)
def speaking_english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = write_scenarios(folder, 1)
        return reported(find_run(RUN, keep_run(folder / "runs", "baseline", *names)), "patient-capital compare …")


@pytest.fixture(scope="module")
def book(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "new" / "run.xlsx"
    write_workbook(run, path)
    return openpyxl.load_workbook(path)


def frame_of(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head)


def test_there_is_a_sheet_for_each_table_between_the_readme_and_the_inputs(run, book):
    assert book.sheetnames[:2] == ["readme", "headline"]
    assert book.sheetnames[-2:] == ["inputs", "measures"]
    assert set(book.sheetnames) == {"readme", *run.tables, "inputs", "measures"}


def test_every_table_is_there_to_the_last_digit(run, book):
    for name, table in run.tables.items():
        found = frame_of(book[name])
        kept = [column for column in table.columns if column in found]
        assert [column for column in table.columns if column not in kept and table[column].notna().any()] == []
        assert len(found) == len(table)
        for column in ("value", "low", "high"):
            # 16 digits are written, one less than a double may need.
            np.testing.assert_allclose(found[column].astype(float), table[column].astype(float), rtol=1e-14)
        assert found["scenario"].tolist() == table["scenario"].tolist()


def test_numbers_are_numbers_in_the_format_of_their_unit(book):
    cells = {row[1].value: row[2] for row in book["headline"].iter_rows(min_row=2) if row[0].value == "baseline"}
    assert cells["coverage"].value == 0.4123
    assert cells["coverage"].number_format == "0.0%"
    assert cells["total_gap"].number_format == "#,##0.0"
    returns = {row[2].value: row[3].number_format for row in book["returns"].iter_rows(min_row=2)}
    assert returns["multiple"] == '0.00"×"'
    assert {row[2].number_format for row in book["gap_by_year"].iter_rows(min_row=2)} == {"0"}


def test_headings_stay_in_view_and_filter(book):
    for name in book.sheetnames:
        assert book[name].freeze_panes == "B2"
        assert (book[name].auto_filter.ref is None) == (name == "readme")


def test_labels_are_told_in_both_languages_beside_the_machine_names(book):
    found = frame_of(book["gap_by_stage"])
    row = found[(found["stage"] == "pre-ipo") & (found["measure"] == "latent_gap")].iloc[0]
    assert (row["stage_en"], row["stage_zh"]) == ("Pre-IPO", "上市前")
    assert (row["measure_en"], row["measure_zh"]) == ("Latent gap", "潜在缺口")
    assert row["scenario_zh"] == "基准：现有资本"
    accounts = frame_of(book["public_accounts"])
    assert set(accounts["instrument_en"]) == {"Guidance sub-funds", "Tax on investors", "Odd levy"}


def test_the_readme_says_what_it_is_in_both_languages(book):
    found = frame_of(book["readme"])
    assert list(found.columns) == ["about", "en", "zh"]
    texts = dict(zip(found["about"], found["en"], strict=True))
    assert texts["baseline"].startswith("“Baseline: today's capital”: of the money")
    assert texts["Run"] == RUN
    assert "patient-capital compare …" in texts["The same again"]
    assert found["zh"].str.contains("区间").any()
    assert {f"sheet {name}" for name in book.sheetnames if name != "readme"} <= set(found["about"])


def test_all_inputs_are_there_with_their_sources(run, book):
    found = frame_of(book["inputs"])
    assert len(found) == sum(len(explain(scenario)) for scenario in run.scenarios)
    changed = found[(found["scenario"] == "more-1") & found["differs"]]
    assert changed[["key", "value", "baseline_value", "grade"]].values.tolist() == [["tolerance.attempts", 3, 2, "A"]]
    first = found.set_index(["scenario", "key"]).loc[("baseline", "clock.entry_years")]
    assert first["value"] == 10
    assert first["meaning_zh"]
    assert first["source"]
    assert not found[found["scenario"] == "baseline"]["differs"].any()


def test_measures_are_defined_in_both_languages(book):
    found = frame_of(book["measures"]).set_index(["table", "measure"])
    coverage = found.loc[("headline", "coverage")]
    assert coverage["definition_en"].startswith("Share of the need")
    assert coverage["definition_zh"]
    assert ("leverage", "accounting_leverage") in found.index


def test_the_workbook_does_not_depend_on_the_language(run, tmp_path):
    written = []
    for language in ("en", "zh"):
        set_language(language)
        write_workbook(run, tmp_path / f"{language}.xlsx")
        found = openpyxl.load_workbook(tmp_path / f"{language}.xlsx")
        written.append({name: list(found[name].iter_rows(values_only=True)) for name in found.sheetnames})
    assert written[0] == written[1]


def test_text_that_looks_like_a_formula_is_text(run, tmp_path, monkeypatch):
    from finance.show import excel

    monkeypatch.setattr(
        excel, "_inputs", lambda _: pd.DataFrame({"source": ["=1+1", "+2", "@now"], "unit": ["", "", ""]})
    )
    write_workbook(run, tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["inputs"]
    assert [(row[0].value, row[0].data_type) for row in sheet.iter_rows(min_row=2)] == [
        ("=1+1", "s"), ("+2", "s"), ("@now", "s")
    ]  # fmt: skip


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_workbook_is_written_whole_or_not_at_all(run, tmp_path, monkeypatch):
    path = tmp_path / "run.xlsx"
    path.write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_workbook(run, path)
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["run.xlsx"]


# --- a file a table ---


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_each_table_is_a_file_that_reads_back(run, tmp_path, kind):
    folder = tmp_path / "new" / "tables"
    for _ in range(2):  # a second export replaces the first
        write_tables(run.tables, folder, kind)
    assert {path.name for path in folder.iterdir()} == {f"{name}.{kind}" for name in run.tables}
    for name, table in run.tables.items():
        path = folder / f"{name}.{kind}"
        found = pd.read_csv(path) if kind == "csv" else pd.read_parquet(path)
        assert list(found.columns) == list(table.columns)
        np.testing.assert_allclose(found["value"], table["value"], rtol=1e-15)
    assert [one.name for one in folder.parent.iterdir()] == ["tables"]


def test_a_folder_with_other_things_is_left_alone(run, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(UnreadableRunError, match="holds other things"):
        write_tables(run.tables, tmp_path, "csv")
    with pytest.raises(UnreadableRunError, match="is a file"):
        write_tables(run.tables, tmp_path / "letter.txt", "csv")
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]


def test_tables_are_written_whole_or_not_at_all(run, tmp_path, monkeypatch):
    write_tables(run.tables, tmp_path / "tables", "csv")
    before = (tmp_path / "tables" / "headline.csv").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_tables(run.tables, tmp_path / "tables", "csv")
    assert (tmp_path / "tables" / "headline.csv").read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["tables"]
