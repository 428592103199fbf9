"""A real browser on the app: it is served as users get it, and what it asks for and complains of is written down."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from finance.pages import settings
from finance.running.store import RunStore
from tests.app_pages import keep, wish
from tests.architecture.sources import ROOT
from tests.support import TINY, write_delta

SCREENSHOTS = Path(__file__).parent / "screenshots"

#: Seconds for the server to start and for a page to be drawn, on a busy machine.
PATIENCE = 90

# What a test expects of a page may take as long as the page itself.
expect.set_options(timeout=PATIENCE * 1000)

_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)

#: The question whose answer is kept.
KEPT = wish("tiny", "tiny-more", "tiny-more@tolerance:0.5")


@dataclass
class Visit:
    """A page somebody looks at.

    Attributes
    ----------
    page : Page
        Playwright's.
    complaints : list of str
        Errors of the console, and exceptions.
    outside : list of str
        Addresses asked for that are not the app's.
    """

    page: Page
    server: str
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def listen(self):
        """Write down what the page complains of and asks for."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._see)

    def open(self, **address):
        """Open the app at an address and wait until it is drawn."""
        query = "&".join(f"{key}={value}" for key, value in address.items())
        self.page.goto(f"http://{self.server}/?{query}")
        self.page.wait_for_selector("h1")
        self.settle()
        return self.page

    def settle(self):
        """Wait until nothing is being drawn."""
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')

    def _hear(self, said):
        # Vega warns of a panel without dots of one kind, which is no mistake.
        if said.type == "error":
            self.complaints.append(said.text)

    def _see(self, request):
        place = request.url.split("://", 1)
        is_own = place[0] in ("http", "ws") and place[1].startswith(self.server)
        if not is_own and place[0] in ("http", "https", "ws", "wss"):
            self.outside.append(request.url)


@pytest.fixture(scope="session")
def workplace(tmp_path_factory):
    """A folder with small scenarios and the kept answer to `KEPT`; returns the folder and the run's id."""
    folder = tmp_path_factory.mktemp("workplace")
    (folder / "scenarios").mkdir()
    shutil.copy(TINY, folder / "scenarios" / "tiny.toml")
    changes = {"classes": {"patient": {"capacity": 140.0}}, "tolerance": {"attempts": 4}}
    titles = {
        "title": {"en": "More of it", "zh": "更多资金"},
        "question": {"en": "What does more do?", "zh": "更多会怎样？"},
    }
    write_delta(folder / "scenarios", "tiny-more", "tiny", **titles, **changes)
    with contextlib.chdir(folder):
        run = keep(KEPT, RunStore(folder / "runs"))
    return folder, run


@pytest.fixture(scope="session")
def server(workplace):
    """Serve the app from the workplace; returns its host and port."""
    folder, _ = workplace
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PATIENT_CAPITAL", "STREAMLIT"))}
    env |= {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    log = (folder / "server.log").open("w")
    process = subprocess.Popen(
        settings.command(port, open_browser=False), cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        _wait_until_served(f"http://127.0.0.1:{port}/_stcore/health", process, folder / "server.log")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@pytest.fixture(scope="module")
def chromium():
    """The system's browser. Without one these tests fail: they are what says that the app works."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.fail("no Chromium here; `.ci/system-packages` installs it or says what to type (or: -m 'not browser')")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_QUIET))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, server):
    """Return a function that gives somebody a browser; afterwards nothing may have been complained of."""
    opened = []

    def start(language="en", width=1440, scheme="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
        )
        context.set_default_timeout(PATIENCE * 1000)
        seen = Visit(context.new_page(), server)
        seen.listen()
        opened.append((context, seen))
        return seen

    yield start
    for context, _ in opened:
        context.close()
    assert [seen.complaints for _, seen in opened if seen.complaints] == []
    assert [seen.outside for _, seen in opened if seen.outside] == []


def _wait_until_served(address, process, log):
    for _ in range(PATIENCE * 4):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.25)
    pytest.fail(f"the app was not served:\n{log.read_text(encoding='utf-8')}")
