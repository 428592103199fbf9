"""What all tests share."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.golden_tables import GoldenTables

# How long an example takes, and how long it takes to make one, is up to the machine and says nothing of the rule.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

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
