"""Scenarios, values, problems, runs and failures as text."""

import io
import threading

import pytest
from rich.cells import cell_len
from rich.console import Console

from finance.language import LANGUAGES, message, set_language
from finance.running.equilibria import Solving
from finance.running.store import Manifest
from finance.scenario import explain, find_scenarios, load_scenario
from finance.show.complaints import say_failure, say_problems
from finance.show.listing import run_row, show_explained, show_runs, show_scenarios
from finance.show.progress import ProgressBars

RUN = "0123456789abcdef0123"


@pytest.fixture(autouse=True)
def speaking_english():
    set_language("en")
    yield
    set_language("en")


def printed(show, *arguments, width=80):
    stream = io.StringIO()
    show(Console(file=stream, width=width, highlight=False), *arguments)
    return stream.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_has_names_and_questions_and_fits(language):
    set_language(language)
    found = find_scenarios()
    text = printed(show_scenarios, found)
    for one in found:
        assert one.name in text
        question = getattr(one.question, language)
        assert "".join(question.split()) in "".join(text.split())


def test_an_empty_list_says_so():
    assert printed(show_scenarios, []) == "No scenarios were found.\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_explained_values_say_all_that_is_known(language):
    set_language(language)
    base = load_scenario("baseline")
    more = base.with_changes(
        {"tolerance.attempts": 3},
        name="more",
        sources={"tolerance.attempts": {"text": "A law of 2025", "url": "https://law.example", "grade": "S"}},
    )
    text = printed(show_explained, more, explain(more, "tolerance.attempts"), width=60)
    assert "tolerance.attempts = 3" in text
    (row,) = explain(more, "tolerance.attempts")
    assert "".join(row.meaning.split()) in "".join(text.split())
    assert "A law of 2025" in text
    assert "https://law.example" in text
    assert {"en": "2 in the baseline", "zh": "基准为 2"}[language] in text


def test_all_values_of_a_scenario_fit():
    base = load_scenario("baseline")
    lines = printed(show_explained, base, explain(base)).splitlines()
    assert len(lines) > 400
    long = [line for line in lines if cell_len(line) > 80 and not line.strip().startswith("http")]
    assert len(long) <= 2  # keys and values stay on one line, addresses whole


def manifest(**determinants):
    return Manifest(
        RUN, determinants, {"a": "", "b": ""}, {"paths": 1.5, "equilibrium": 0.5}, "2026-11-22T16:45:10+00:00"
    )


def test_runs_are_listed_with_what_was_asked():
    text = printed(show_runs, "runs", [manifest(paths=2000, seed=7)], {"fedc": {}})
    assert RUN in text
    assert "2026-11-22 16:45" in text
    assert "2,000" in text
    assert "a, b" in text
    assert "by asking the same again: fedc" in " ".join(text.split())


def test_a_run_of_another_make_is_listed_too():
    assert run_row(manifest()) == {
        "run": RUN, "created": "2026-11-22T16:45:10+00:00", "scenarios": ["a", "b"], "paths": None, "seed": None,
        "seconds": 2.0,
    }  # fmt: skip
    assert RUN in printed(show_runs, "runs", [manifest()], {})


def test_no_runs_says_where_they_would_be():
    assert printed(show_runs, "some/folder", [], {}) == "No runs in some/folder yet.\n"


# --- complaints ---


def test_one_problem_stands_alone_and_several_are_counted(capsys):
    say_problems(["this"])
    assert capsys.readouterr().err == "this\n"
    say_problems(["this", "that"])
    assert capsys.readouterr().err.splitlines()[0].startswith("2 to mend")


def failure():
    try:
        raise OSError("first line\nsecond line")
    except OSError as error:
        return error


def test_a_failure_is_one_line_and_a_log(tmp_path, capsys):
    say_failure(failure(), ["compare", "baseline"], tmp_path)
    (line,) = capsys.readouterr().err.splitlines()
    (log,) = tmp_path.iterdir()
    assert str(log) in line
    assert "OSError: first line" in line
    content = log.read_text(encoding="utf-8")
    assert "Traceback" in content
    assert "second line" in content
    assert "'baseline'" in content


def test_the_log_goes_elsewhere_where_there_is_no_store(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    say_failure(failure(), [], tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
    (log,) = tmp_path.iterdir()
    assert str(log) in capsys.readouterr().err


# --- progress ---


def test_bars_are_drawn_on_a_terminal_only():
    for is_terminal, quiet in [(True, False), (False, False), (True, True)]:
        stream = io.StringIO()
        with ProgressBars(Console(file=stream, force_terminal=is_terminal, width=80), quiet=quiet) as bars:
            assert not bars.has_begun
            bars("equilibrium", 0, 1)
            bars("paths", 640, 2000)
            assert bars.has_begun
            assert bars.paths_done == 640
        assert bool(stream.getvalue()) == (is_terminal and not quiet)


@pytest.mark.parametrize("language", LANGUAGES)
def test_bars_say_what_is_being_solved_in_the_language_of_the_reader(language):
    """Also when a thread tells, in which nobody has chosen a language."""
    stream = io.StringIO()
    set_language(language)
    with ProgressBars(Console(file=stream, force_terminal=True, width=100)) as bars:
        steps = [Solving("more", "baseline", 2, 7, 0.01, False), Solving("more", "pessimistic", 0, 11, 0.01, False)]
        for stage, step in zip(("equilibrium", "diagnosis"), steps, strict=True):
            thread = threading.Thread(target=bars, args=(stage, 3, 8, step))
            thread.start()
            thread.join()
    drawn = stream.getvalue()
    assert message("show.progress.pilot", iteration="7", scenario="more", pilot="3") in drawn
    assert (
        message("show.progress.start", iteration="11", scenario="more", start=message("show.start.pessimistic"))
        in drawn
    )
