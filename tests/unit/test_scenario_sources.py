"""Every changed value names its source; an assumption says why; a range holds its value."""

import pytest

from finance.scenario import Source, assumption_share, load_scenario
from tests.support import HEAD, angels, found, put, tiny, tiny_content, write_delta, write_scenario

STATED = {"text": "A report, 2025", "url": "https://example.org", "grade": "S"}


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the tiny economy in it."""
    write_scenario(tmp_path, "tiny", tiny_content())
    return tmp_path


def changed(folder, sources, **tables) -> set[tuple[str, str]]:
    content = {**HEAD, "baseline": "tiny", **tables, "sources": sources}
    return found(write_scenario(folder, "more", content))


def test_a_changed_value_needs_a_source(folder):
    tables = {"tolerance": {"attempts": 3, "search_quarters": 4}}  # search_quarters is the baseline's
    assert changed(folder, {}, **tables) == {("tolerance.attempts", "source_missing")}


@pytest.mark.parametrize("key", ["tolerance.fund_loss_limit.seed", "tolerance.fund_loss_limit", "tolerance"])
def test_the_source_may_stand_at_a_table_above(folder, key):
    assert changed(folder, {key: STATED}, tolerance={"fund_loss_limit": {"seed": 0.6}}) == set()


def test_a_source_beside_the_value_does_not_count(folder):
    problems = changed(folder, {"tolerance.penalty": STATED}, tolerance={"attempts": 3})
    assert problems == {("tolerance.attempts", "source_missing")}


def test_in_a_root_every_value_needs_a_source(tmp_path):
    content = tiny_content()
    del content["sources"]["exits"]
    problems = found(write_scenario(tmp_path, "tiny", content))
    assert problems == {(f"exits.{key}", "source_missing") for key in content["exits"]}


def test_a_removal_needs_a_source(folder):
    tables = {"classes": {"market": {"absent": True}}, "tax": {"relieved": []}}
    assert changed(folder, {"tax": STATED}, **tables) == {("classes.market", "source_missing")}
    assert changed(folder, {"tax": STATED, "classes.market": STATED}, **tables) == set()


def test_a_new_class_needs_sources_but_its_order_does_not(folder):
    tables = {"classes": {"order": ["market", "patient", "angel"], "angel": angels()}}
    assert changed(folder, {"classes.angel": STATED}, **tables) == set()
    values = set(angels()) - {"title"}
    assert changed(folder, {}, **tables) == {(f"classes.angel.{key}", "source_missing") for key in values}


@pytest.mark.parametrize(
    "source",
    [
        "assumption",
        "Assumption",
        "assumption:",
        "assumption: default",
        "assumption: two words",
        "assumption: the default value",
        "assumption - default",
        "假设",
        "假设: 默认",
        {"text": "assumption", "grade": "A"},
        {"text": "default", "grade": "A"},
        {"text": "assumption: default", "grade": "S"},
    ],
)
def test_an_assumption_has_to_say_why(folder, source):
    key = "tolerance.attempts"
    assert changed(folder, {key: source}, tolerance={"attempts": 3}) == {(f'sources."{key}"', "source_bare")}


@pytest.mark.parametrize(
    "source",
    [
        "assumption: one more attempt",
        "Assumption: one more than the baseline, to see its effect alone",
        "假设: 比基准多尝试一次, 以便单独观察其影响",
        {"text": "one more than the baseline", "grade": "A"},
        {"text": "Report", "grade": "S~"},
        STATED,
    ],
)
def test_sources_that_say_enough(folder, source):
    assert changed(folder, {"tolerance.attempts": source}, tolerance={"attempts": 3}) == set()


@pytest.mark.parametrize(
    ("source", "message_id"),
    [
        ("A report, 2025", "source_no_grade"),
        ({"text": "A report, 2025"}, "source_no_grade"),
        (3, "source_form"),
        (["A report"], "source_form"),
        ({"grade": "S"}, "source_form"),
    ],
)
def test_sources_of_another_form(folder, source, message_id):
    problems = changed(folder, {"tolerance.attempts": source}, tolerance={"attempts": 3})
    assert ('sources."tolerance.attempts"', message_id) in problems


@pytest.mark.parametrize("grade", ["B", "s", "", 1])
def test_a_grade_is_one_of_the_letters(folder, grade):
    source = {"text": "A report, 2025", "grade": grade}
    problems = changed(folder, {"tolerance.attempts": source}, tolerance={"attempts": 3})
    assert problems == {("sources.tolerance.attempts.grade", "not_allowed")}


def test_dotted_keys_without_quotes_are_explained(folder):
    sources = {"tolerance": {"attempts": "assumption: one more attempt"}}
    assert ('sources."tolerance"', "key_without_quotes") in changed(folder, sources, tolerance={"attempts": 3})
    ranges = {"tolerance": {"attempts": [1, 4]}}
    assert changed(folder, {}, ranges=ranges) == {('ranges."tolerance"', "key_without_quotes")}


def test_sources_and_ranges_of_nothing(folder):
    assert changed(folder, {"tolerance.attempt": STATED}) == {('sources."tolerance.attempt"', "unknown_key_near")}
    assert changed(folder, {"classes.angel": STATED}) == {('sources."classes.angel"', "source_of_nothing")}
    assert changed(folder, "a text") == {("sources", "sources_no_table")}


@pytest.mark.parametrize(
    ("key", "given", "message_id"),
    [
        ("tolerance.attempts", [3, 4], "range_without_value"),
        ("tolerance.attempts", [4, 1], "range_turned"),
        ("tolerance.attempts", [0, 4], "range_outside"),
        ("tolerance.attempts", [1, 9], "range_outside"),
        ("entry.lemon_share", [0.1, 1.0], "range_outside"),
        ("tolerance.attempts", [1], "range_form"),
        ("tolerance.attempts", [1, "4"], "range_form"),
        ("tolerance.attempts", [1, float("inf")], "range_form"),
        ("tolerance.attempts", 2, "range_form"),
        ("tolerance.attempt", [1, 4], "unknown_key_near"),
        ("tolerance", [1, 4], "range_no_number"),
        ("market.queue", [1, 4], "range_no_number"),
        ("classes.patient.stages", [1, 4], "range_no_number"),
        ("classes.angel.capacity", [1, 4], "range_of_nothing"),
    ],
)
def test_ranges_that_cannot_be(folder, key, given, message_id):
    assert changed(folder, {}, ranges={key: given}) == {(f'ranges."{key}"', message_id)}


def test_a_range_is_inherited_as_long_as_the_value_is(folder):
    path = write_delta(folder, "more", "tiny", tolerance={"attempts": 3, "penalty": 3.0})
    assert load_scenario(path).ranges == {"classes.patient.capacity": (50.0, 300.0)}
    own = {"tolerance.attempts": [2, 3]}
    path = write_delta(folder, "more", "tiny", tolerance={"attempts": 3}, ranges=own)
    assert load_scenario(path).ranges["tolerance.attempts"] == (2.0, 3.0)


def test_the_source_of_a_value_is_that_of_the_scenario_which_set_it(folder):
    content = {**HEAD, "baseline": "tiny", "tolerance": {"attempts": 3}, "sources": {"tolerance": STATED}}
    scenario = load_scenario(write_scenario(folder, "more", content))
    assert scenario.source_of("tolerance.attempts") == Source(**STATED)
    inherited = scenario.source_of("tolerance.penalty")
    assert inherited == tiny().source_of("tolerance.penalty") == tiny().sources["tolerance"]
    assert scenario.source_of("world.curve").grade == "S~"
    assert scenario.source_of("world.mean_reversion").grade == "A"
    assert scenario.source_of("classes.patient.ticket_max") is None
    explicit = scenario.with_changes({"classes.patient.ticket_max": 50.0}, name="tickets")
    assert explicit.source_of("classes.patient.ticket_max").text == "set in code"


def test_the_share_of_assumptions_is_counted(folder):
    n_assumed, n_values = assumption_share(tiny())
    assert n_values - n_assumed == 1  # the curve
    content = put(tiny_content(), "sources.world", STATED)
    write_scenario(folder, "tiny", content)
    assert assumption_share(load_scenario(folder / "tiny.toml")) == (n_assumed - 13, n_values)
