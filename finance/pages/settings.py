"""How the app is served: nothing reaches outside, nobody from outside reaches in, and it looks like itself.

``.streamlit/config.toml`` says the same for ``streamlit run app.py`` in a checkout; a test holds the two together.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from finance.language import message, set_language
from finance.request import chosen_language

_HIGHEST_PORT = 65535

#: Streamlit's options by dotted name.
SETTINGS: Mapping[str, str | bool | int] = {
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "runner.magicEnabled": False,
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": False,
    "theme.light.primaryColor": "#0b5c8a",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f3f5f8",
    "theme.light.textColor": "#1d2530",
    "theme.dark.primaryColor": "#2b83c0",
    "theme.dark.backgroundColor": "#12161c",
    "theme.dark.secondaryBackgroundColor": "#1d232c",
    "theme.dark.textColor": "#e6e9ee",
}


def main(arguments: Sequence[str]) -> int:
    """Serve the app until it is interrupted; where all is well this process becomes the server.

    Parameters
    ----------
    arguments : sequence of str
        ``--port`` and a number, ``--language`` and one of the languages; or nothing.

    Returns
    -------
    int
        2, if the app cannot be served as asked.
    """
    set_language(chosen_language(arguments, os.environ))
    port = next((after for option, after in pairwise(arguments) if option == "--port"), None)
    problem = _problem(port)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    ready = command(None if port is None else int(port))
    sys.stdout.flush()
    os.execv(ready[0], ready)


def command(port: int | None = None, *, open_browser: bool | None = None) -> list[str]:
    """Return the command that serves the app.

    Parameters
    ----------
    port : int, optional
        Of the address; Streamlit chooses (8501, or the next that is free) if left out.
    open_browser : bool, optional
        Whether to open the page; where there is a screen, if left out.

    Returns
    -------
    list of str
        Program and arguments.
    """
    options = dict(SETTINGS)
    if port is not None:
        options["server.port"] = port
    if open_browser is not None:
        options["server.headless"] = not open_browser
    script = Path(__file__).parent / "entry" / "app.py"
    flags = [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]


def _problem(port: str | None) -> str:
    """Return what keeps the app from being served, empty if nothing does."""
    if find_spec("streamlit") is None:
        return message("pages.no_streamlit")
    is_port = port is None or (port.isascii() and port.isdigit() and 1 <= int(port) <= _HIGHEST_PORT)
    return "" if is_port else message("pages.no_port", given=str(port), highest=str(_HIGHEST_PORT))
