"""Messages and numbers in the reader's language."""

import math
import re
import string
import threading
import tomllib
from contextvars import copy_context
from datetime import date
from importlib.resources import files
from pathlib import Path

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
from finance.scenario.curves import CurveFile
from finance.scenario.shape import Node, scenario_shape, shape_of
from finance.study.fit_plan import PlanFile, TargetsFile

ROOT = Path(__file__).parents[2]


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


# --- Chinese punctuation is full-width ---

#: What stands in a text as it is typed elsewhere: in backquotes, lists, braces of a file, quoted words of a file.
CODE = re.compile(r'`[^`]*`|\[[^\[\]]*\]|\{\{.*?\}\}|"[a-z][^"{}]*"')
PLACEHOLDER = re.compile(r"\{\w+\}")
CHINESE, FULL = "一-鿿", "，。；：？！（）、“”"
HALF_WIDTH = re.compile(
    rf'[{CHINESE}{FULL}] ?[,;:?!()"]'  # behind Chinese
    rf'|(?<=\S)[,;:?!()"] ?[{CHINESE}{FULL}]'  # before Chinese; alone in front it is a sign, not a mark
    rf"|[{CHINESE}{FULL}]\.(?![\w/])"
    rf"|[{FULL}] (?!\|)| [{FULL}]"  # a full-width mark brings its own space
)


def half_width(text: str) -> list[str]:
    """Punctuation of a Chinese text that is not Chinese; what is put into the text counts as Chinese."""
    if not re.search(rf"[{CHINESE}]|\}}\W*\{{", text):
        return []
    return HALF_WIDTH.findall(PLACEHOLDER.sub("某", CODE.sub("x", text)))


def meanings(node: Node, path: str = ""):
    """Path and Chinese meaning of everything that a kind of file may say."""
    yield path, node.meaning.zh
    for name, child in node.children.items():
        yield from meanings(child, f"{path}.{name}")
    if node.element is not None:
        yield from meanings(node.element, f"{path}.*")


def chinese_in(content: dict, path: str):
    """Path and text of all titles and questions of a file."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from chinese_in(value, f"{path}: {key}")
        elif key == "zh":
            yield path, value


WRONG = (
    "基准:现有资本", "资本,更多", "会改变什么?", "次数 (含首次)", "{file}: {text}", "没有 {name}; 请改", "比率;0 即无",
    '名称 "{near}" 有误', "多余的空格， 在此", "句点.", "（默认： 2000）",
)  # fmt: skip
RIGHT = (
    "基准：现有资本", "1 至 10,000,000。", "种子（TRL 3–4）", "? 区间包含零", "写为 [最低, 最高]", "见 {name}.toml。",
    "Seed (TRL 3): {n}", '写 "assumption: 理由"', "写为 {{ text = …, grade = … }}，等级为 {grades}", "A轮·中试",
    "容差 | 偏差（以容差计） | 矩",
)  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_half_width_punctuation_beside_chinese_is_seen(text):
    assert half_width(text)


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_written_the_chinese_way_or_is_code_passes(text):
    assert half_width(text) == []


def test_chinese_messages_have_full_width_punctuation():
    found = {key: half_width(text) for key, text in language._catalogue("zh").items()}
    assert {key: marks for key, marks in found.items() if marks} == {}


def test_chinese_meanings_of_values_have_full_width_punctuation():
    shapes = (scenario_shape(), *map(shape_of, (CurveFile, TargetsFile, PlanFile)))
    texts = [each for shape in shapes for each in meanings(shape)]
    assert sum(bool(text) for _, text in texts) > 100
    assert [(path, text) for path, text in texts if half_width(text)] == []


@pytest.mark.parametrize("folder", ["scenarios", "tests/scenarios"])
def test_chinese_titles_and_questions_have_full_width_punctuation(folder):
    paths = sorted((ROOT / folder).glob("*.toml"))
    texts = [each for path in paths for each in chinese_in(tomllib.loads(path.read_text(encoding="utf-8")), path.name)]
    assert len(texts) >= 2 * len(paths) > 0
    assert [(place, text) for place, text in texts if half_width(text)] == []


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
