"""The tables of docs/model/contracts.md about terms with dates, tiers and maturities say what the code says."""

import re
from pathlib import Path

import numpy as np

from finance.policy import contracts
from finance.policy.fair_value import Discounting, fair_value

PAGE = Path(__file__).parents[2] / "docs" / "model" / "contracts.md"


def rows_of_the_page(n_outcomes):
    rows = re.findall(r"(?m)^\| `(contracts\.\w+\(.*\))` \| (.*\d) \|$", PAGE.read_text(encoding="utf-8"))
    rows = [(terms, cells.split(" | ")) for terms, cells in rows]
    return [(eval(terms, {"contracts": contracts}), cells) for terms, cells in rows if len(cells) == n_outcomes]


def test_what_terms_pay():
    rows = rows_of_the_page(n_outcomes=4)
    assert len(rows) == 9
    for terms, cells in rows:
        for outcome, cell in zip([50.0, 80.0, 110.0, 200.0], cells, strict=True):
            flows = np.zeros((3, 6))
            flows[0, 0], flows[1, 0], flows[2, -1] = 40.0, 60.0, outcome
            assert cell == " / ".join(f"{side.sum():.1f}" for side in terms.split(*flows)), terms


def test_what_terms_are_worth():
    rows = rows_of_the_page(n_outcomes=3)
    assert len(rows) == 11
    for terms, cells in rows:
        for spot, cell in zip([70.0, 100.0, 130.0], cells, strict=True):
            value = fair_value(terms, 40.0, 60.0, spot, 0.4, Discounting.flat(0.02), 5.0)
            assert cell == f"{value.concession:.1f}", terms
