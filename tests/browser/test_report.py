"""The report in a browser: nothing is loaded, nothing complains, nothing sticks out, at any width and in any light."""

import shutil

import pytest

from finance.language import set_language
from finance.show.report import write_report
from finance.show.report_run import find_run, reported
from tests.browser.conftest import PATIENCE
from tests.stored_run import RUN, keep_run, write_scenarios

pytestmark = pytest.mark.browser

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: What keeps a browser from reaching out on its own account.
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDTHS = (380, 800, 1440, 1920)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Reports of a run of six scenarios, by language."""
    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = write_scenarios(folder, 5)
        run = reported(find_run(RUN, keep_run(folder / "runs", "baseline", *names)), "patient-capital compare …")
    for language in ("en", "zh"):
        set_language(language)
        write_report(run, folder / f"{language}.html")
    set_language("en")
    return folder


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        pytest.skip("no Chromium: .ci/system-packages says how to install one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, reports):
    """Open a report; collects what it says on the console and what it asks for."""
    contexts = []

    def open_report(language="en", width=1440, light="light", script=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=light, java_script_enabled=script
        )
        context.set_default_timeout(PATIENCE * 1000)
        contexts.append(context)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda told: page.said.append(told.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((reports / f"{language}.html").as_uri())
        return page

    yield open_report
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_asked_for_complains_or_sticks_out(opened, language, light, width):
    page = opened(language, width, light)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    assert page.said == []
    # The page itself, and its empty icon.
    assert [url for url in page.asked if not url.startswith(("file://", "data:"))] == []
    assert len([url for url in page.asked if url.startswith("file://")]) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_each_figure_shows_the_drawing_for_its_width(opened, width):
    page = opened(width=width)
    shown, hidden = (".narrow", ".wide") if width < 640 else (".wide", ".narrow")
    figures = page.query_selector_all("figure")
    assert len(figures) == 9
    for figure in figures:
        assert figure.query_selector(shown).is_visible()
        assert not figure.query_selector(hidden).is_visible()
        # No smaller than two thirds of the size it was drawn in: labels of 12 pixels stay readable.
        scale = figure.query_selector(f"{shown} svg").evaluate(
            "drawing => drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width"
        )
        assert 0.67 < scale <= 1.0001


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [380, 1440])
def test_no_label_of_a_drawing_leaves_the_page(opened, language, width):
    page = opened(language, width)
    beyond = page.evaluate(
        """width => [...document.querySelectorAll("svg text")]
            .map(text => [text.textContent, text.getBoundingClientRect()])
            .filter(([_, box]) => box.width && (box.left < 0 || box.right > width))
            .map(([text]) => text)""",
        width,
    )
    assert beyond == []


@pytest.mark.parametrize("light", ["light", "dark"])
def test_text_can_be_read_in_either_light(opened, light):
    page = opened(light=light)
    for selector in ("p.note", "svg text", "td", "summary", ".warning, h1"):
        ink, paper = page.eval_on_selector(
            selector,
            """one => [getComputedStyle(one).fill !== "rgb(0, 0, 0)" && one.tagName === "text"
                ? getComputedStyle(one).fill : getComputedStyle(one).color,
                getComputedStyle(document.body).backgroundColor]""",
        )
        assert contrast(ink, paper) >= 4.5, (selector, ink, paper)


def contrast(*colours):
    """The ratio of WCAG of two colours written ``rgb(r, g, b)``."""
    brightness = []
    for colour in colours:
        parts = [int(part) / 255.0 for part in colour[4:-1].split(",")[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        brightness.append(0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    return max(brightness) / min(brightness)


def test_the_page_is_whole_without_scripts(opened):
    page = opened(script=False)
    assert page.query_selector("figure svg") is not None
    page.query_selector("#valley summary").click()
    assert page.query_selector("#valley table").is_visible()


def test_links_of_the_contents_lead_to_sections(opened):
    page = opened(width=800)
    anchors = [link.get_attribute("href") for link in page.query_selector_all("nav a")]
    assert len(anchors) >= 13
    for anchor in anchors:
        assert page.query_selector(anchor) is not None


def test_print_is_black_on_white_with_folded_tables_and_without_contents(opened):
    page = opened(light="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.query_selector("nav").is_visible()
    assert page.query_selector("figure .wide").is_visible()
    assert page.pdf(prefer_css_page_size=True)[:4] == b"%PDF"
