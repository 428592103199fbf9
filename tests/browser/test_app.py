"""The app in a real browser: what is seen, on what screens, how fast, and that it asks nobody else for anything."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import KEPT, SCREENSHOTS

pytestmark = pytest.mark.browser

LANGUAGES = ("en", "zh")
TITLES = {"en": "What would patient capital change?", "zh": "耐心资本会改变什么？"}
#: Milliseconds that a simulation of the tiny economy may take, its compilation included.
PATIENT = 600_000
WIDTHS = (380, 800, 1440, 1920)

#: Whether nothing reaches beyond the page.
FITS = """() => {
    const main = document.querySelector('[data-testid="stMain"]');
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"] svg')];
    const inside = charts.every(chart => {
        const box = chart.getBoundingClientRect();
        return box.left >= 0 && box.right <= main.clientWidth;
    });
    return inside && main.scrollWidth <= main.clientWidth;
}"""


def asked(**more):
    return {**KEPT.address(), **more}


def charts(page):
    return page.locator('[data-testid="stVegaLiteChart"] svg.marks, [data-testid="stVegaLiteChart"] svg')


def keyed(page, name):
    """Return what a widget of that name is in."""
    return page.locator(f'[class*="st-key-{name}"]')


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kept_answer_is_there_unasked(language, visit, workplace, record_property):
    """Times are written down, not bounded: a busy machine is no fault of the app's."""
    seen = visit(language)
    began = time.perf_counter()
    seen.page.goto(f"http://{seen.server}/?" + "&".join(f"{key}={value}" for key, value in asked().items()))
    seen.page.wait_for_selector("h1")
    first_paint = time.perf_counter() - began
    charts(seen.page).first.wait_for()
    answer = time.perf_counter() - began
    record_property("first_paint_seconds", round(first_paint, 2))
    record_property("kept_answer_seconds", round(answer, 2))
    print(f"\n{language}: first paint {first_paint:.2f} s, kept answer {answer:.2f} s")
    expect(seen.page.locator("h1")).to_have_text(TITLES[language])
    # The address is written when all is drawn.
    seen.page.wait_for_url(f"**run={workplace[1]}**")
    assert seen.page.evaluate("document.documentElement.lang").startswith(language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "scheme"), [*((width, "light") for width in WIDTHS), (380, "dark"), (1440, "dark")])
def test_every_view_fits_every_screen(width, language, scheme, visit):
    seen = visit(language, width, scheme)
    SCREENSHOTS.mkdir(exist_ok=True)
    for view, count in {"answer": 2, "valley": 3, "ventures": 2, "money": 2, "tables": 0}.items():
        page = seen.open(**asked(view=view))
        expect(charts(page)).to_have_count(count)
        # A page that is narrow is drawn for that once it has said so.
        page.wait_for_function(FITS)
        page.screenshot(path=SCREENSHOTS / f"{view}-{language}-{scheme}-{width}.png", full_page=True)


def test_chinese_is_drawn_with_a_font_that_has_it(visit):
    """Without one every character is the same box."""
    page = visit("zh").open(**asked())
    drawn = page.evaluate(
        """() => ['覆', '盖', '率'].map(letter => {
            const canvas = document.createElement('canvas');
            const brush = canvas.getContext('2d');
            brush.font = '40px sans-serif';
            brush.fillText(letter, 10, 60);
            return canvas.toDataURL();
        })"""
    )
    assert len(set(drawn)) == 3


def test_the_language_is_a_click_away_and_nothing_is_lost(visit):
    seen = visit("en")
    page = seen.open(**asked(view="valley"))
    keyed(page, "language").get_by_text("中文", exact=True).click()
    expect(page.locator("h1")).to_have_text(TITLES["zh"])
    seen.settle()
    assert "language=zh" in page.url
    assert "view=valley" in page.url
    expect(charts(page)).to_have_count(3)
    expect(keyed(page, "scenarios_").locator("[data-tag]")).to_have_count(3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_link_that_is_offered_shows_the_same_to_somebody_else(language, visit):
    seen = visit(language)
    page = seen.open(**asked(view="ventures"))
    expect(charts(page)).to_have_count(2)
    keyed(page, "link").get_by_role("button").first.click()
    offered = page.locator('[data-testid="stCode"] code').first.inner_text()
    assert offered.startswith(f"http://{seen.server}/?")
    other = visit("en")
    other.page.goto(offered)
    expect(other.page.locator("h1")).to_have_text(TITLES[language])
    expect(charts(other.page)).to_have_count(2)
    expect(keyed(other.page, "scenarios_").locator("[data-tag]")).to_have_count(3)
    other.settle()
    assert parse_qs(urlsplit(other.page.url).query) == parse_qs(urlsplit(page.url).query)


def test_a_picture_has_words_and_a_table(visit):
    seen = visit("en")
    page = seen.open(**asked())
    expect(charts(page)).to_have_count(2)
    spoken = page.locator('[data-testid="stVegaLiteChart"]').first.evaluate("one => one.outerHTML")
    assert "A tiny economy 41.2%" in spoken
    keyed(page, "section_headline").get_by_role("tab", name="Table").click()
    expect(keyed(page, "section_headline").locator('[data-testid="stDataFrame"]')).to_be_visible()
    with page.expect_download() as started:
        keyed(page, "section_headline").get_by_role("button", name="CSV").click()
    rows = started.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == "scenario,measure,value,low,high,unit"


def test_the_report_can_be_taken_away_in_the_language_of_the_page(visit):
    seen = visit("zh")
    page = seen.open(**asked())
    keyed(page, "take_away").get_by_role("button").first.click()
    with page.expect_download() as started:
        keyed(page, "download_report").get_by_role("button").click()
    assert "微型经济体" in started.value.path().read_text(encoding="utf-8")


def test_back_goes_back(visit):
    seen = visit("en")
    page = seen.open(**asked())
    keyed(page, "view").get_by_text("Money", exact=True).click()
    page.wait_for_url("**view=money**")
    seen.settle()
    page.go_back()
    page.wait_for_url("**view=answer**")
    expect(charts(page)).to_have_count(2)


def test_levers_are_moved_with_the_keyboard_and_join_the_comparison(visit):
    seen = visit("zh")
    page = seen.open(page="scenarios", scenario="tiny-more", scenarios="tiny")
    thumb = keyed(page, "dose_tiny-more_tolerance").get_by_role("slider")
    thumb.focus()
    thumb.press("Home")
    page.wait_for_url("**tolerance%3A0**")
    seen.settle()
    switch = keyed(page, "join_").locator("input")
    switch.focus()
    switch.press("Space")
    keyed(page, "to_comparison").get_by_role("button").click()
    expect(page.locator("h1")).to_have_text(TITLES["zh"])
    expect(keyed(page, "scenarios_").locator("[data-tag]")).to_have_count(2)


@pytest.mark.parametrize("pause", [0, 4, 12, 25])
def test_who_clicks_quickly_loses_nothing(pause, visit):
    """Milliseconds apart, the second click breaks off what the first one began."""
    seen = visit("zh")
    page = seen.open(page="scenarios", scenario="tiny-more@tolerance:0", scenarios="tiny")
    join, leave = '[class*="st-key-join_"] input', '[class*="st-key-to_comparison"] button'
    page.locator(join).wait_for(state="attached")
    seen.settle()
    page.evaluate(
        """([first, second, pause]) => {
            document.querySelector(first).click();
            setTimeout(() => document.querySelector(second).click(), pause);
        }""",
        [join, leave, pause],
    )
    expect(page.locator("h1")).to_have_text(TITLES["zh"])
    expect(keyed(page, "scenarios_").locator("[data-tag]")).to_have_count(2)


def test_what_was_typed_is_kept_by_who_leaves_the_page_at_once(visit):
    seen = visit("en")
    page = seen.open(scenarios="tiny,tiny-more")
    keyed(page, "seed_").get_by_role("textbox").fill("77")
    keyed(page, "page_").get_by_text("Scenarios", exact=True).click()
    page.wait_for_url("**page=scenarios**")
    page.wait_for_url("**seed=77**")
    seen.settle()
    keyed(page, "page_").get_by_text("Compare", exact=True).click()
    expect(keyed(page, "seed_").get_by_role("textbox")).to_have_value("77")


@pytest.mark.slow
def test_a_simulation_is_started_cancelled_and_run_to_its_end(visit):
    seen = visit("en")
    page = seen.open(scenarios="tiny", paths="10000000", seed="3")
    keyed(page, "run_button").get_by_role("button").click()
    expect(keyed(page, "progress")).to_contain_text("3 of 3", timeout=PATIENT)
    keyed(page, "cancel_button").get_by_role("button").click()
    expect(page.get_by_text("Cancelled. What was finished is kept")).to_be_visible(timeout=PATIENT)
    page = seen.open(scenarios="tiny", paths="64", seed="3")
    keyed(page, "run_button").get_by_role("button").click()
    expect(charts(page).first).to_be_visible(timeout=PATIENT)
    assert "run=" in page.url
