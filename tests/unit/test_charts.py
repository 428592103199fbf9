"""Charts: what they draw, in which words and colours, for any number of scenarios."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest

from finance.language import set_language
from finance.show import charts
from finance.show.charts_style import PALETTE, Room, wrapped
from finance.show.charts_svg import FONTS, svg
from tests.stored_run import NEW_CAUSE, NEW_FATE, whole_tables

DRAW = {
    "headline": charts.headline_chart,
    "differences": charts.differences_chart,
    "valley": charts.valley_chart,
    "causes": charts.causes_chart,
    "years": charts.years_chart,
    "funnel": charts.funnel_chart,
    "fates": charts.fates_chart,
    "returns": charts.returns_chart,
    "accounts": charts.accounts_chart,
}
NAMES = {"seed": "Seed", "pre-ipo": "Pre-IPO", "angel": "Angels"}


@pytest.fixture(autouse=True)
def speaking_english():
    set_language("en")
    yield
    set_language("en")


def scenarios(count):
    return [(f"s{k}", f"Scenario number {k}") for k in range(count)]


def tables(count):
    return whole_tables(*[name for name, _ in scenarios(count)])


def drawn(name, count=3, found=None, **options):
    found = tables(count) if found is None else found
    return DRAW[name](found[charts.CHARTS[name]], scenarios(count), **options)


def rows_of(chart):
    """The rows that a chart draws."""
    spec = chart.to_dict()
    return pd.DataFrame(next(iter(spec["datasets"].values())))


# --- all charts ---


def test_every_chart_has_a_function_a_table_a_title_and_a_note():
    assert set(DRAW) == set(charts.CHARTS)
    for name in charts.CHARTS:
        assert charts.chart_title(name)
        assert charts.chart_note(name)


@pytest.mark.parametrize(
    ("name", "count"), [(name, count) for name in DRAW for count in (1, 12) if (name, count) != ("differences", 1)]
)
@pytest.mark.parametrize("width", [335, 820])
def test_any_number_of_scenarios_is_drawn_in_any_width(name, count, width):
    picture = svg(drawn(name, count, width=width), name)
    assert picture.startswith("<svg ")
    natural = float(re.search(r"max-width:([\d.]+)px", picture)[1])
    # Padding, and labels that stick out a little, come on top.
    assert natural <= width + 60


@pytest.mark.parametrize("name", DRAW)
def test_charts_speak_the_language_and_name_a_chinese_face(name):
    english = svg(drawn(name), name)
    set_language("zh")
    chinese = svg(drawn(name), name)
    assert not re.search(r">[^<]*[一-鿿][^<]*<", english)
    assert re.search(r">[^<]*[一-鿿][^<]*<", chinese)
    for text in (english, chinese):
        assert "WenQuanYi Micro Hei" in text
        assert "Noto Sans CJK SC" in text


def test_faces_end_with_what_every_system_has():
    assert all(fonts.endswith("sans-serif") for fonts in FONTS.values())


@pytest.mark.parametrize("name", DRAW)
def test_a_drawing_reaches_out_for_nothing_and_takes_the_colours_of_the_page(name):
    picture = svg(drawn(name), name)
    assert not re.findall(r"(?:href|src)=|url\((?!#)|@import|<script|<image", picture)
    assert set(re.findall(r'https?://[^"]*', picture)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    # Black or white text would vanish on one of the two papers.
    assert not re.findall(r'<text[^>]*fill="(?!currentColor)', picture)
    assert "currentColor" in picture


def test_ids_of_two_drawings_of_one_page_differ():
    first, second = (set(re.findall(r'\bid="([^"]+)"', svg(drawn("years"), name))) for name in ("one", "two"))
    assert first.isdisjoint(second)


@pytest.mark.parametrize("name", DRAW)
def test_alt_text_says_what_is_shown_with_its_numbers(name):
    text = charts.alt_text(name, tables(2)[charts.CHARTS[name]], scenarios(2), names=NAMES)
    assert text.startswith(charts.chart_title(name))
    assert "Scenario number" in text
    assert re.search(r"\d", text)
    assert text.endswith(".")


def test_alt_text_says_which_difference_cannot_be_told():
    found = tables(2)
    assert "cannot be told apart" not in charts.alt_text("differences", found["differences"], scenarios(2))
    found["differences"].loc[:, ["low", "high"]] = [-1.0, 2.0]
    assert "+4.1 (cannot be told apart from zero)" in charts.alt_text("differences", found["differences"], scenarios(2))


def test_alt_text_names_the_unit_of_money():
    text = charts.alt_text("valley", tables(1)["gap_by_stage"], scenarios(1), names=NAMES)
    assert "Seed CNY 500 million" in text


def test_no_chart_of_another_name_has_alt_text():
    with pytest.raises(KeyError):
        charts.alt_text("pie", tables(1)["headline"], scenarios(1))


def test_labels_that_nobody_knew_are_drawn():
    assert "Odd obstacle" in set(rows_of(drawn("causes"))["cause_words"])
    assert "Odd end" in set(rows_of(drawn("fates"))["fate_words"])
    assert (NEW_CAUSE, NEW_FATE) == ("odd_obstacle", "odd_end")


def test_a_scenario_that_the_table_lacks_is_left_out():
    found = tables(3)
    found["gap_by_stage"] = found["gap_by_stage"][found["gap_by_stage"]["scenario"] != "s1"]
    assert set(rows_of(drawn("valley", 3, found))["title"]) == {"Scenario number 0", "Scenario number 2"}


# --- colours ---


def test_each_scenario_has_its_colour_and_the_baseline_is_grey():
    chosen = charts.colours(scenarios(12))
    assert len(set(chosen.values())) == 12
    assert chosen["s0"] == PALETTE[0]
    assert charts.colours(scenarios(3)) == dict(list(chosen.items())[:3])


def test_scenarios_beyond_the_palette_begin_again_behind_the_grey():
    chosen = charts.colours(scenarios(14))
    assert chosen["s12"] == chosen["s1"]
    assert list(chosen.values()).count(PALETTE[0]) == 1


def linear(colour):
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255.0
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(colour, paper):
    low, high = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(one)) for one in (colour, paper))
    return (high + 0.05) / (low + 0.05)


def test_colours_can_be_seen_on_white_and_on_dark():
    assert all(contrast(colour, "#ffffff") >= 3.0 for colour in PALETTE)
    assert all(contrast(colour, "#14171c") >= 2.75 for colour in PALETTE)


#: Severe lack of red, green and blue cones, in linear RGB (Machado, Oliveira and Fernandes, 2009).
SIGHTS = {
    "full": np.eye(3),
    "no red": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]
    ]),
    "no green": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]
    ]),
    "no blue": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]
    ]),
}  # fmt: skip


def oklab(rgb):
    """Ottosson's OKLab of linear RGB, in which distances are even to the eye."""
    cones = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                      [0.0883024619, 0.2817188376, 0.6299787005]])  # fmt: skip
    opponents = np.array([[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
                          [0.0259040371, 0.7827717662, -0.808675766]])  # fmt: skip
    return opponents @ np.cbrt(np.clip(cones @ rgb, 0.0, None))


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_colours_can_be_told_apart(sight):
    seen = [oklab(np.clip(SIGHTS[sight] @ linear(colour), 0.0, 1.0)) for colour in PALETTE]
    nearest = min(float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2))
    assert nearest > 0.05


# --- single charts ---


def test_shares_are_drawn_in_percent_and_money_in_the_unit_of_the_language():
    found = tables(2)
    coverage = rows_of(drawn("headline", 2, found)).query("measure == 'coverage' and scenario == 's0'")
    assert coverage["value"].item() == pytest.approx(41.23)
    assert coverage["text"].item() == "41.2% ±0.6"
    english = rows_of(drawn("valley", 2, found))["value"].sum()
    set_language("zh")
    assert rows_of(drawn("valley", 2, found))["value"].sum() == pytest.approx(english / 100.0)


def test_a_difference_that_covers_zero_is_hollow():
    found = tables(2)
    table = found["differences"]
    one = (table["table"] == "headline") & (table["measure"] == "exits")
    table.loc[one, ["low", "high"]] = [-1.0, 2.0]
    shown = rows_of(drawn("differences", 2, found)).set_index("measure")["is_clear"]
    assert not shown["exits"]
    assert shown["coverage"]
    spec = str(drawn("differences", 2, found).to_dict())
    assert "!datum.is_clear" in spec
    table.loc[one, ["low", "high"]] = [1.0, 2.0]
    assert "!datum.is_clear" not in str(drawn("differences", 2, found).to_dict())


def test_an_interval_that_is_not_known_is_not_drawn():
    found = tables(2)
    found["returns"].loc[:, ["low", "high"]] = np.nan
    assert "isValid(datum.low)" in str(drawn("returns", 2, found).to_dict())
    svg(drawn("returns", 2, found), "returns")


def test_causes_keep_to_one_order_and_leave_out_what_is_nothing():
    found = tables(1)
    causes = found["gap_causes"]
    causes.loc[causes["cause"] == "horizon", ["value", "low", "high"]] = 0.0
    shown = rows_of(drawn("causes", 1, found))
    assert set(shown["order"]) == {"capacity_first"}
    assert "horizon" not in set(shown["cause"])


def test_what_the_public_pays_is_below_zero():
    shown = rows_of(drawn("accounts", 2))
    assert (shown.query("measure == 'outlay'")["value"] < 0.0).all()
    assert (shown.query("measure == 'receipt'")["value"] > 0.0).all()
    # Three instruments of 40 each, in one bar.
    first = shown.query("measure == 'outlay' and year == 1 and scenario == 's0'")["value"]
    assert first.item() == pytest.approx(-120.0)
    assert "tax_forgone" not in set(shown["measure"])


def test_stages_have_their_names_in_their_order():
    shown = rows_of(drawn("valley", 1, names=NAMES))
    assert shown["stage_words"].iloc[0] == "Seed"
    assert set(shown["stage_words"]) == {"Seed", "Angels", "A", "B", "C", "Pre-IPO"}


# --- room ---


def test_long_labels_are_broken_between_words_and_between_characters():
    assert wrapped("Patient capital and tolerance", 110).splitlines() == ["Patient capital", "and tolerance"]
    assert wrapped("耐心资本与宽容失败", 62).splitlines() == ["耐心资本与", "宽容失败"]
    assert wrapped("耐心资本，宽容", 62).splitlines() == ["耐心资本，", "宽容"]
    assert wrapped("unbreakable", 10) == "unbreakable"


def test_panels_are_shared_out_evenly():
    room = Room(800, ("A label",))
    assert room.columns(4, 150) == 4
    assert room.columns(6, 150) == 3
    assert room.columns(12, 150) == 4
    assert Room(335).columns(4, 150) == 1
    assert room.panel(4) < room.panel(2)
