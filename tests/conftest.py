"""What all tests share."""

from pathlib import Path

import pytest

from tests.golden_tables import GoldenTables

GOLDEN_FOLDER = Path(__file__).parent / "golden"


def pytest_addoption(parser):
    parser.addoption(
        "--refresh-golden",
        action="store_true",
        help="rewrite the golden files instead of comparing with them",
    )


@pytest.fixture(scope="session")
def golden(request):
    """Compare a table with ``tests/golden/<name>.json``: ``golden("compare-headline", table)``."""
    return GoldenTables(GOLDEN_FOLDER, refresh=request.config.getoption("--refresh-golden"))
