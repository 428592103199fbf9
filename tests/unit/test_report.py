"""The report: a page that stands alone, says what the intervals bear out, and names where everything came from."""

import datetime as dt
import os
import re
from html.parser import HTMLParser

import pytest

from finance.language import message_ids, set_language
from finance.running.provenance import machine
from finance.running.store import Manifest, RunStore, StoredRun
from finance.scenario import ExplainedValue, load_scenario
from finance.show import report_inputs
from finance.show.report import page, write_report
from finance.show.report_inputs import all_inputs, changed_inputs
from finance.show.report_ranking import ranking, together
from finance.show.report_run import UnreadableRunError, find_run, reported
from finance.show.report_tables import by_measure, differences_table, headline_table, sums_table
from finance.study.values import Value
from tests.stored_run import DETERMINANTS, RUN, keep_run, whole_tables, write_scenarios
from tests.study_tables import put
from tests.support import write_delta


@pytest.fixture(autouse=True)
def speaking_english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder):
    """A run of the baseline and two scenarios, ready to be reported."""
    names = write_scenarios(folder, 2)
    return reported(find_run(RUN, keep_run(folder / "runs", "baseline", *names)), "patient-capital compare …")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The page of such a run in both languages; drawing takes its time."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = write_scenarios(folder, 2)
        run = reported(find_run(RUN, keep_run(folder / "runs", "baseline", *names)), "patient-capital compare …")
        for language in ("en", "zh"):
            set_language(language)
            texts[language] = page(run)
    return texts


class Page(HTMLParser):
    """What a page holds: its anchors, its links, the elements that are open at its end, and its text by element."""

    VOID = frozenset({"meta", "link", "br"})

    def __init__(self, text):
        super().__init__()
        self.anchors, self.loaded, self.text = [], [], []
        self.open = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            self.anchors.append(given["id"])
        self.loaded += [given[name] for name in ("src", "srcset", "data", "poster", "xlink:href") if name in given]
        if tag == "link":
            self.loaded.append(given["href"])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text.append(text)


# --- the page ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_well_formed_and_loads_nothing(pages, language):
    text = pages[language]
    found = Page(text)
    assert found.open == []
    assert len(found.anchors) == len(set(found.anchors))
    assert [one for one in found.loaded if not one.startswith(("data:,", "#"))] == []
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert not re.findall(r"@import|url\((?!#)", text)
    assert text.startswith("<!doctype html>")
    assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}">' in text


def test_every_section_is_there_and_in_the_contents(pages):
    text = pages["en"]
    anchors = Page(text).anchors
    wanted = ("headline", "differences", "valley", "causes", "years", "funnel", "fates", "returns", "accounts")
    for name in (*wanted, "leverage", "equilibrium", "inputs", "method", "run"):
        assert name in anchors
        assert f'href="#{name}"' in text
    assert [one for one in anchors if one.startswith("figure-")] == [f"figure-{name}" for name in wanted]


def test_the_page_begins_with_the_plain_sentences_of_all_scenarios(pages):
    text = " ".join(Page(pages["en"]).text)
    places = [text.index(f"“{title}”") for title in ("Baseline: today's capital", "Tolerance <b>number</b> 1 & more")]
    assert places == sorted(places)
    assert max(places) < text.index("Coverage by money")


def test_what_others_wrote_is_text_and_no_markup(pages):
    text = pages["en"]
    assert "<b>number</b>" not in text
    assert "Tolerance &lt;b&gt;number&lt;/b&gt; 1 &amp; more" in text


def test_the_page_speaks_chinese_throughout(pages):
    text = " ".join(Page(pages["zh"]).text)
    assert "死亡谷" in text
    assert "亿元" in text
    assert "CNY million" not in text.replace("CNY million a year", "")
    assert not re.search(r"\breport\.\w|\bshow\.\w", text)


def test_a_run_of_one_scenario_has_no_differences(folder):
    store = keep_run(folder / "runs", "baseline")
    text = page(reported(find_run(RUN, store)))
    assert "figure-differences" not in text
    assert "figure-headline" in text
    assert "scenarios compared" not in text


def test_tables_that_the_run_lacks_are_left_out(folder):
    tables = {name: table for name, table in whole_tables("baseline").items() if name in ("headline", "funnel")}
    text = page(reported(find_run(RUN, keep_run(folder / "runs", "baseline", tables=tables))))
    assert "figure-funnel" in text
    assert "figure-valley" not in text
    assert 'id="leverage"' not in text


def test_unclear_differences_are_marked_and_said_to_be(run):
    put(run.tables, "differences", 0.01, -0.02, 0.04, scenario="more-1", table="headline", measure="coverage")
    text = page(run)
    assert 'class="unclear"' in text
    assert "No difference from the baseline can be told for Tolerance &lt;b&gt;number&lt;/b&gt; 1" in text


def test_a_second_equilibrium_is_told_at_the_top_and_in_its_section(run, pages):
    assert "More than one equilibrium" not in pages["en"]
    labels = {"scenario": "more-1", "start": "pessimistic", "measure": "gap_ratio"}
    put(run.tables, "equilibrium", 0.9, 0.89, 0.91, **labels)
    text = page(run)
    assert text.index("More than one equilibrium") < text.index('id="headline"')
    assert "from pessimism, the market ends at a gap ratio of 90.0%" in text


def test_provenance_is_told(pages):
    text = pages["en"]
    for wanted in (RUN, "patient-capital compare …", "2,000", "numpy", machine()["python"], "ab" * 32):
        assert str(wanted) in text


def test_every_message_of_the_report_is_there_in_both_languages():
    english, chinese = (
        {one for one in message_ids(language) if one.startswith("report.")} for language in ("en", "zh")
    )
    assert english == chinese
    assert len(english) > 100


# --- written whole ---


def test_a_report_is_written_whole_or_not_at_all(run, folder, monkeypatch):
    path = folder / "new" / "report.html"
    write_report(run, path)
    before = path.read_bytes()
    assert before.decode().startswith("<!doctype html>")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_report(run, path)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


# --- numbers of the tables ---


def cells(grid, heading):
    column = next(one for one in grid.columns if one.heading.startswith(heading))
    return dict(zip(grid.labels, column.cells, strict=True))


def test_the_headline_has_every_measure_in_its_unit(run):
    found = cells(headline_table(run), "Baseline")
    assert found["Coverage by money"].number == "41.2%"
    assert found["Total gap, CNY million"].number == "7,654"
    set_language("zh")
    assert cells(headline_table(run), "基准")["总缺口，亿元"].number == "76.5"


def test_differences_of_shares_are_points(run):
    grid = differences_table(run)
    assert cells(grid, "Tolerance")["Coverage by money, points"].number == "+4.1"
    assert grid.labels[-1] == "All stages"
    assert set(grid.sections.values()) == {"Headline", "Economic cost of what it brings", "Coverage once there, points"}


def test_sums_over_years_have_no_interval(run):
    grid = sums_table(run, "public_accounts", "instrument")
    column = grid.columns[0]
    assert grid.labels[:3] == ["Guidance sub-funds", "Tax on investors", "Odd levy"]
    assert (column.cells[0].number, column.cells[0].margin) == ("1,000", "")
    # What is nothing everywhere is left out with its heading.
    assert not any("Tax forgone" in heading for heading in grid.sections.values())


def test_a_table_of_any_dimension_is_laid_out(run):
    grid = by_measure(run, "leverage", "tier")
    assert list(grid.sections.values()) == ["Accounting leverage", "Public share", "Unspent, CNY million"]
    assert grid.labels[:2] == ["National", "Third tier"]
    assert grid.columns[0].cells[0].number == "3.20×"


# --- ranking ---


def test_scenarios_whose_intervals_overlap_are_not_ranked():
    values = {
        "low": Value(1.0, 0.5, 1.5), "first": Value(9.0, 8.5, 9.5), "a": Value(5.0, 4.0, 6.0),
        "b": Value(4.5, 3.9, 5.1), "c": Value(3.8, 3.5, 4.2),
    }  # fmt: skip
    assert together(values) == [["first"], ["a", "b", "c"], ["low"]]


def test_a_ranking_names_those_that_are_not_ranked(run):
    put(run.tables, "differences", 0.01, -0.02, 0.04, scenario="more-1", table="headline", measure="coverage")
    put(run.tables, "differences", 0.08, 0.07, 0.09, scenario="more-2", table="headline", measure="coverage")
    first, second = ranking(run)
    assert "2 & more (+8.0 points)" in first
    assert "1 & more" not in first
    assert "1 & more: not ranked" in second


def test_a_single_difference_is_no_ranking(folder):
    names = write_scenarios(folder, 1)
    assert ranking(reported(find_run(RUN, keep_run(folder / "runs", "baseline", *names)))) == []


# --- inputs ---


def test_what_differs_comes_first_with_its_source(run):
    first, second = changed_inputs(run)
    (row,) = first.rows
    assert (row.key, row.value, row.baseline, row.grade) == ("tolerance.attempts", "3", "2", "A")
    assert row.source.startswith("made up for a test")
    assert "1 inputs differ" in first.heading
    assert second.rows[0].value == "4"


def test_all_inputs_of_the_baseline_are_there_once(run):
    groups = all_inputs(run)
    keys = [row.key for group in groups for row in group.rows]
    assert len(keys) == len(set(keys)) > 150
    headings = [group.heading for group in groups]
    assert "Classes of investors: Patient capital" in headings
    row = next(row for group in groups for row in group.rows if row.key == "entry.national_entrants")
    assert (row.value, row.plausible, row.grade) == ("20000", "6000 to 40000", "D")
    assert row.url.startswith("http")


def test_only_addresses_become_links(run, monkeypatch):
    odd = ExplainedValue(
        "clock.entry_years", 9, 10, True, "years", "Years.", "", None, None, "a page", "javascript:x()", "S"
    )
    monkeypatch.setattr(report_inputs, "explain", lambda _: [odd])
    ((row,),) = (group.rows for group in all_inputs(run))
    assert (row.source, row.url) == ("a page", "")


# --- which run ---


def test_a_run_is_found_by_its_id_its_beginning_and_its_folder(folder):
    store = keep_run(folder / "runs", "baseline")
    for given in (RUN, RUN[:6], str(folder / "runs" / RUN), f"runs/{RUN}/"):
        assert find_run(given, store).manifest.run == RUN


def test_what_is_no_run_is_said_to_be_none(folder):
    store = keep_run(folder / "runs", "baseline")
    keep_run(folder / "runs", "baseline", run="0123456789ffffffffff")
    for given, told in (
        ("ffff", "ffff"),
        ("hello", "hello"),
        ("01234567", "01234567"),  # of two runs
        ("runs/none", "manifest.json"),
        ("\0", "no run"),
    ):
        with pytest.raises(UnreadableRunError, match=re.escape(told)):
            find_run(given, store)


def test_a_broken_run_is_refused(folder):
    store = keep_run(folder / "runs", "baseline")
    (folder / "runs" / RUN / "headline.parquet").write_bytes(b"nothing")
    with pytest.raises(UnreadableRunError, match=RUN):
        find_run(RUN, store)


def test_scenarios_come_from_the_run_and_not_from_files_of_today(folder):
    names = write_scenarios(folder, 1)
    store = keep_run(folder / "runs", "baseline", *names)
    write_delta(folder / "scenarios", "more-1", "baseline", tolerance={"attempts": 6})
    run = reported(find_run(RUN, store))
    assert run.is_as_run
    assert run.others[0].tolerance.attempts == 3
    (folder / "scenarios" / "more-1.toml").unlink()
    assert reported(find_run(RUN, store)).is_as_run


def test_a_baseline_that_was_not_run_and_has_changed_is_told_of(folder):
    write_delta(folder / "scenarios", "below", "baseline", tolerance={"attempts": 3})
    write_delta(folder / "scenarios", "above", "below", tolerance={"patience_quarters": 20})
    store = keep_run(folder / "runs", "above")
    assert reported(find_run(RUN, store)).is_as_run
    write_delta(folder / "scenarios", "below", "baseline", tolerance={"attempts": 4})
    run = reported(find_run(RUN, store))
    assert not run.is_as_run
    assert "could not be brought back exactly" in page(run)


def test_scenarios_made_in_code_are_brought_back_and_have_no_command():
    base = load_scenario("baseline")
    more = base.with_changes({"tolerance.attempts": 4, "classes.patient.life_years": 15.0}, name="more")
    most = more.with_changes({"tolerance.search_quarters": 6}, name="most")
    texts = {one.name: str(one.document()) for one in (more, most)}
    texts["baseline"] = base.path.read_text(encoding="utf-8")
    digests = [[each.digest for each, _ in one.chain()] for one in (more, most, base)]
    known = DETERMINANTS | {"baseline": 2, "digests": digests}
    run = reported(StoredRun(Manifest(RUN, known, texts), {}), "patient-capital compare more")
    assert run.is_as_run
    assert run.baseline.name == "baseline"
    assert [one.name for one in run.scenarios] == ["more", "most", "baseline"]
    assert run.scenarios[1].tolerance.search_quarters == 6
    assert isinstance(run.scenarios[0].as_of, dt.date | None)
    assert run.command == ""


def test_a_baseline_made_in_code_that_was_not_run_costs_no_report():
    base = load_scenario("baseline")
    below = base.with_changes({"tolerance.attempts": 4}, name="below")
    above = below.with_changes({"tolerance.search_quarters": 6}, name="above")
    digests = [[each.digest for each, _ in one.chain()] for one in (base, above)]
    texts = {"baseline": base.path.read_text(encoding="utf-8"), "above": str(above.document())}
    run = reported(StoredRun(Manifest(RUN, DETERMINANTS | {"digests": digests}, texts), {}))
    assert not run.is_as_run
    assert run.others[0].tolerance.attempts == 4


@pytest.mark.parametrize("texts", [{}, {"../out": "format = 1"}])
def test_a_run_without_proper_scenarios_is_refused(texts):
    with pytest.raises(UnreadableRunError, match="does not say what its scenarios were"):
        reported(StoredRun(Manifest(RUN, DETERMINANTS, texts), {}))


@pytest.mark.parametrize("text", ["format = 1\nname = 'odd'\n", "not toml at all [", "{'broken': "])
def test_a_scenario_that_cannot_be_read_any_more_is_named(text):
    with pytest.raises(UnreadableRunError, match="“odd” of this run cannot be read any more"):
        reported(StoredRun(Manifest(RUN, DETERMINANTS, {"odd": text}), {}))


def test_a_store_of_the_reader_is_not_needed_to_read_a_folder(folder):
    keep_run(folder / "elsewhere", "baseline")
    assert find_run(str(folder / "elsewhere" / RUN), RunStore(folder / "runs")).manifest.run == RUN
