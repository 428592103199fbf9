"""Messages and numbers in the reader's language."""

import math
import string
import threading
from contextvars import copy_context
from datetime import date
from importlib.resources import files

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from finance import language
from finance.language import (
    LANGUAGES,
    current_language,
    format_date,
    format_list,
    format_money,
    format_multiple,
    format_number,
    format_share,
    message,
    message_ids,
    set_language,
)


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


@pytest.fixture(autouse=True)
def speaking_english():
    set_language("en")
    yield
    set_language("en")


# --- the catalogue ---


def test_languages_have_the_same_messages():
    english, chinese = message_ids("en"), message_ids("zh")
    assert english
    assert english == chinese


def test_translations_have_the_same_placeholders():
    english, chinese = (language._catalogue(each) for each in LANGUAGES)
    differing = {key for key in english if placeholders(english[key]) != placeholders(chinese[key])}
    assert not differing


def test_placeholders_are_named_not_numbered():
    for each in LANGUAGES:
        for key, text in language._catalogue(each).items():
            assert all(name.isidentifier() for name in placeholders(text)), (each, key)


def test_no_catalogue_file_has_unfinished_entries():
    paths = [path for path in (files("finance") / "locale").iterdir() if path.name.endswith(".po")]
    assert paths
    for path in paths:
        with path.open("rb") as stream:
            entries = [entry for entry in read_po(stream, abort_invalid=True) if entry.id]
        assert [entry.id for entry in entries if entry.fuzzy or not entry.string] == [], path.name


def test_every_catalogue_file_has_its_counterpart():
    names = {path.name for path in (files("finance") / "locale").iterdir()}
    english = {name.removesuffix("en.po") for name in names if name.endswith("en.po")}
    chinese = {name.removesuffix("zh.po") for name in names if name.endswith("zh.po")}
    assert "" in english
    assert english == chinese


def test_areas_merge_and_a_message_in_two_files_is_refused(tmp_path, monkeypatch):
    locale = tmp_path / "locale"
    locale.mkdir()
    (locale / "en.po").write_text('msgid "a.one"\nmsgstr "One"\n', encoding="utf-8")
    (locale / "area.en.po").write_text('msgid "a.two"\nmsgstr "Two {n}"\n', encoding="utf-8")
    monkeypatch.setattr(language, "files", lambda package: tmp_path)
    assert language._catalogue.__wrapped__("en") == {"a.one": "One", "a.two": "Two {n}"}
    (locale / "other.en.po").write_text('msgid "a.one"\nmsgstr "Uno"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"'a\.one'.*other\.en\.po"):
        language._catalogue.__wrapped__("en")


# --- messages ---


def test_message_follows_the_language_of_the_context():
    set_language("zh")
    assert message("language.money", amount="3") == "3 亿元"
    assert message("language.money", "en", amount="3") == "CNY 3 million"


def test_unknown_message_and_missing_value_are_key_errors():
    with pytest.raises(KeyError, match=r"no message 'language\.nothing'"):
        message("language.nothing")
    with pytest.raises(KeyError, match="amount"):
        message("language.money")


@pytest.mark.parametrize("speak", [set_language, lambda given: message("language.money", given, amount="")])
def test_unknown_language_is_refused_with_the_choices(speak):
    with pytest.raises(ValueError, match='unknown language "fr": choose one of en, zh'):
        speak("fr")


def test_language_is_local_to_the_context():
    set_language("zh")
    heard = []
    thread = threading.Thread(target=lambda: heard.append(current_language()))
    thread.start()
    thread.join()
    copy_context().run(set_language, "en")
    assert heard == ["en"]
    assert current_language() == "zh"


# --- numbers ---


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (3.0, "3"),
        (1234567.2, "1,234,567"),
        (1234.4, "1,234"),
        (3.001, "3.00"),
        (9.996, "10.0"),
        (0.05123, "0.0512"),
        (-12.34, "-12.3"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
    ],
)
def test_numbers_show_three_significant_digits_unless_told(value, written):
    assert format_number(value) == written


def test_decimals_and_sign_are_as_asked():
    assert format_number(2, digits=2) == "2.00"
    assert format_number(2.5, digits=1, signed=True) == "+2.5"
    assert format_number(-2.5, digits=1, signed=True) == "-2.5"
    assert format_number(0.0, digits=1, signed=True) == "0.0"


def test_a_loss_that_rounds_to_nothing_has_no_sign():
    assert format_number(-0.001, digits=1) == "0.0"
    assert format_number(0.001, digits=1, signed=True) == "0.0"


def test_money_unit_follows_the_language():
    assert format_money(1250.0, "en") == "CNY 1,250 million"
    assert format_money(1250.0, "zh") == "12.5 亿元"
    assert format_money(-80.0, "zh", digits=2, signed=True) == "-0.80 亿元"
    assert format_money(None, "zh") == "–"


def test_shares_and_multiples():
    assert format_share(0.415) == "41.5%"
    assert format_share(0.415, digits=0) == "42%"
    assert format_share(-0.02, signed=True) == "-2.0%"
    assert format_share(None) == "–"
    assert format_multiple(1.849) == "1.85×"


def test_dates_and_lists():
    assert format_date(date(2026, 11, 22), "en") == "22 November 2026"
    assert format_date(date(2026, 11, 22), "zh") == "2026年11月22日"
    assert format_list(["a", "b"], "en") == "a, b"
    assert format_list(["a", "b"], "zh") == "a、b"
    assert format_list([], "zh") == ""


@given(value=st.floats(min_value=-1e12, max_value=1e12), digits=st.integers(0, 6))
def test_what_is_written_reads_back_within_the_last_digit(value, digits):
    read = float(format_number(value, "zh", digits).replace(",", ""))
    assert abs(read - value) <= 0.5000001 * 10.0**-digits + 1e-15 * abs(value)
