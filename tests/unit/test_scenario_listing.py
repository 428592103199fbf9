"""Scenarios, their values and their runs on a narrow terminal: nothing is cut, addresses stay whole."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from finance.language import LANGUAGES, set_language
from finance.running.store import Manifest
from finance.scenario import explain, find_scenarios, in_groups, load_scenario
from finance.show.listing import show_explained, show_runs, show_scenarios
from finance.show.wrapping import wrapped

ADDRESS = "https://law.example/%E8%80%90%E5%BF%83%E8%B5%84%E6%9C%AC/index.html?page=%201&part=100%25"


@pytest.fixture(autouse=True, params=LANGUAGES)
def language(request):
    set_language(request.param)
    yield request.param
    set_language("en")


def printed(show, *arguments, width=80):
    stream = io.StringIO()
    show(Console(file=stream, width=width, highlight=False), *arguments)
    return stream.getvalue()


@pytest.mark.parametrize("width", [20, 40, 200])
def test_an_address_is_not_broken(width):
    assert ADDRESS in wrapped(f"见 {ADDRESS} 第 5 页。", width, "    ")[0 if width == 200 else 1]


def test_a_percent_sign_begins_no_line():
    for width in range(2, 30):
        assert not any(line.startswith("%") for line in wrapped("约四成%，即 40% 左右，或者四成 %", width)[:-1])


def test_explained_addresses_are_whole():
    source = {"text": "A law of 2025 on the capital of the state", "url": ADDRESS, "grade": "S"}
    more = load_scenario("baseline").with_changes(
        {"tolerance.attempts": 3}, name="more", sources={"tolerance.attempts": source}
    )
    assert ADDRESS in printed(show_explained, more, explain(more, "tolerance.attempts"), width=60)


def test_limits_of_a_whole_number_are_whole_and_joined_as_the_language_does(language):
    base = load_scenario("baseline")
    (row,) = explain(base, "tolerance.attempts")
    assert (type(row.low), type(row.high)) == (int, int)
    limits = {
        "en": f"    allowed: 1 ≤ x ≤ 8; plausible: {row.low} to {row.high}",
        "zh": f"    允许：1 ≤ x ≤ 8；合理范围：{row.low} 至 {row.high}",
    }
    assert limits[language] in printed(show_explained, base, [row]).splitlines()


@pytest.mark.parametrize("width", [40, 60])
def test_what_is_listed_below_a_name_is_indented(width):
    found = find_scenarios()
    lines = printed(show_scenarios, found, width=width).splitlines()
    assert all(cell_len(line) <= width for line in lines)
    headings = len(in_groups(found))
    assert sum(bool(line) and not line.startswith("    ") for line in lines) == len(found) + headings


def test_the_scenarios_of_a_run_are_all_named():
    names = ["baseline", "baseline-risky", "seeds-patient", "seeds-patient-tolerance", "seeds-tolerance"]
    manifest = Manifest("0123456789abcdef0123", {"paths": 2000, "seed": 7}, dict.fromkeys(names, ""))
    lines = printed(show_runs, "runs", [manifest], {}).splitlines()
    assert "…" not in "".join(lines)
    assert all(cell_len(line) <= 80 for line in lines)
    for name in names:
        assert any(name in line for line in lines), name
