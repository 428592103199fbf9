"""Tax on investors' gains: deal by deal, what may be deducted, what an exemption is worth and to whom."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.market.grids import QUALITY
from finance.market.holdings import tax_on
from finance.market.packed import CLASSES
from finance.market.payoffs import PRICES, STAKES, Endings, net_to_plain
from finance.market.terms import names_of, terms_of
from finance.scenario import load_scenario
from tests.support import tiny


def rule(rate, deduction=0.0):
    """Terms of a class as the kernel has them."""
    terms = np.zeros(1, CLASSES)
    terms["tax_rate"], terms["tax_deduction"] = rate, deduction
    return terms[0]


# --- one deal ---


@pytest.mark.parametrize(
    ("rate", "deduction", "gain", "tax"),
    [
        (0.2, 0.0, 50.0, 10.0),
        (0.2, 0.7, 50.0, 0.2 * (50.0 - 7.0)),
        (0.2, 0.7, 7.0, 0.0),
        (0.2, 0.7, 6.9, 0.0),  # what is not used up is lost
        (0.0, 0.0, 50.0, 0.0),
        (0.25, 2.0, 50.0, 0.25 * 30.0),
    ],
)
def test_a_share_of_the_investment_is_deducted_from_its_gain(rate, deduction, gain, tax):
    assert tax_on(rule(rate, deduction), gain, 10.0) == pytest.approx(tax)


@given(received=st.floats(0.0, 1e4), paid=st.floats(0.0, 1e3), rate=st.floats(0.0, 1.0), deduction=st.floats(0.0, 2.0))
def test_a_loss_is_not_offset_and_a_relief_never_costs(received, paid, rate, deduction):
    gain = max(0.0, received - paid)
    plain, relieved = tax_on(rule(rate), gain, paid), tax_on(rule(rate, deduction), gain, paid)
    assert 0.0 <= relieved <= plain <= rate * gain
    assert received >= paid or plain == 0.0


def test_the_bid_reckons_with_the_same_tax():
    """A company sold at once for one of the tabled prices, shares without preference: net over plain, by stake."""
    paid, (rate, deduction), n = 10.0, (0.2, 0.7), len(QUALITY)
    for place in (20, 30, 40):
        weights = np.zeros((1, n, len(PRICES)))
        weights[..., place] = 1.0
        nothing, one = np.zeros((1, n)), np.ones((1, n))
        sold = Endings(one, one, weights, weights, np.zeros(1), np.zeros(1), (0,), nothing, np.zeros(1), np.zeros(1))
        payoffs = (STAKES[:, None] * PRICES)[None]
        found = net_to_plain(sold, payoffs, paid, (rate, deduction), 1.0, np.array([np.inf]))
        for stake, ratio in zip(STAKES, found[:, 0, 0], strict=True):
            received = stake * PRICES[place]
            tax = tax_on(rule(rate, deduction), max(0.0, received - paid), paid)
            assert ratio == pytest.approx((received - tax) / received)


# --- who gets it ---


def rates(scenario):
    terms = terms_of(scenario, names_of(scenario))
    names = names_of(scenario).classes
    return dict(zip(names, zip(terms.tax_rate.tolist(), terms.tax_deduction.tolist(), strict=True), strict=True))


def test_the_relief_is_for_the_classes_it_names():
    assert rates(tiny()) == {"market": (0.2, 0.7), "patient": (0.1, 0.0)}
    both = tiny().with_changes({"tax.relieved": ["market", "patient"], "tax.gain_exemption_share": 0.5})
    assert rates(both) == {"market": (0.1, 0.7), "patient": (0.05, 0.7)}
    exempt = tiny().with_changes({"tax.gain_exemption_share": 1.0})
    assert rates(exempt) == {"market": (0.0, 0.7), "patient": (0.1, 0.0)}


def test_in_the_baseline_angels_deduct_and_nobody_else():
    found = rates(load_scenario("baseline"))
    assert found.pop("angel") == (0.2, 0.7)
    assert {deduction for _, deduction in found.values()} == {0.0}


# --- what an exemption is worth ---

#: US financings of 2004–13 by multiple returned (Correlation Ventures): below 1, 1–5, 5–10, 10–20, above 20.
SHARES = np.array([0.648, 0.253, 0.059, 0.025, 0.015])
#: Where in each bucket its deals are taken to stand. Of these nothing is published: they are chosen here.
MULTIPLES = np.array([0.25, 2.2, 7.0, 14.0, 42.0])


def after_tax(rate, deduction=0.0):
    """Multiples after tax of deals that cost one."""
    taxes = [tax_on(rule(rate, deduction), max(0.0, multiple - 1.0), 1.0) for multiple in MULTIPLES]
    return MULTIPLES - np.array(taxes)


def test_an_angels_exemption_is_worth_a_seventh():
    with_deduction, exempt = SHARES @ after_tax(0.2, 0.7), SHARES @ after_tax(0.0)
    assert with_deduction == pytest.approx(1.84, abs=0.005)
    assert exempt == pytest.approx(2.11, abs=0.005)
    assert exempt / with_deduction - 1.0 == pytest.approx(0.15, abs=0.01)
    assert with_deduction / (SHARES @ after_tax(0.2)) - 1.0 == pytest.approx(0.03, abs=0.005)


def test_the_exemption_goes_to_the_top_tenth_of_deals():
    worth = after_tax(0.0) - after_tax(0.2, 0.7)
    above = np.clip(0.1 - np.cumsum(SHARES[::-1])[::-1] + SHARES, 0.0, SHARES)  # of each bucket, in the top tenth
    assert above.sum() == pytest.approx(0.1)
    assert (above @ worth) / (SHARES @ worth) == pytest.approx(0.91, abs=0.01)
    assert worth[0] == 0.0
