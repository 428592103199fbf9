"""Tax on investors' gains: deal by deal, what may be deducted, what an exemption is worth and to whom."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from finance.market.grids import QUALITY
from finance.market.holdings import tax_on
from finance.market.packed import CLASSES
from finance.market.payoffs import PRICES, STAKES, Endings, net_to_plain
from finance.market.relief import NEVER_HELD, RELIEF_STEPS, GainTax, mean_raised, raised_after, relief_of
from finance.market.terms import names_of, terms_of
from finance.scenario import load_scenario
from tests.support import tiny


def rule(rate, deduction=0.0, relief=()):
    """Terms of a class as the kernel has them."""
    terms = np.zeros(1, CLASSES)
    terms["tax_rate"], terms["tax_deduction"] = rate, deduction
    for step in range(RELIEF_STEPS):
        quarters, share = relief[step] if step < len(relief) else (NEVER_HELD, 0.0)
        terms[f"relief_quarters_{step}"], terms[f"relief_share_{step}"] = quarters, share
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
    assert tax_on(rule(rate, deduction), 10.0 + gain, 10.0, 8) == pytest.approx(tax)


@given(received=st.floats(0.0, 1e4), paid=st.floats(0.0, 1e3), rate=st.floats(0.0, 1.0), deduction=st.floats(0.0, 2.0))
def test_a_loss_is_not_offset_and_a_relief_never_costs(received, paid, rate, deduction):
    gain = max(0.0, received - paid)
    plain, relieved = tax_on(rule(rate), received, paid, 8), tax_on(rule(rate, deduction), received, paid, 8)
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
        found = net_to_plain(sold, payoffs, paid, GainTax(rate, deduction), 1.0, np.array([np.inf]))
        for stake, ratio in zip(STAKES, found[:, 0, 0], strict=True):
            received = stake * PRICES[place]
            tax = tax_on(rule(rate, deduction), received, paid, 0)
            assert ratio == pytest.approx((received - tax) / received)


# --- relief by holding period ---

HALF_THEN_ALL = ((12, 0.5), (20, 1.0))


@pytest.mark.parametrize(("quarters", "tax"), [(0, 10.0), (11, 10.0), (12, 5.0), (19, 5.0), (20, 0.0), (200, 0.0)])
def test_part_of_the_tax_is_not_raised_on_what_was_held_for_long(quarters, tax):
    assert tax_on(rule(0.2, relief=HALF_THEN_ALL), 60.0, 10.0, quarters) == tax
    assert raised_after(HALF_THEN_ALL, np.array([float(quarters)])) == [tax / 10.0]
    assert mean_raised(HALF_THEN_ALL, quarters, 0.0) == pytest.approx(tax / 10.0)


@given(mean=st.floats(0.5, 60.0), sd=st.floats(0.1, 20.0))
def test_the_mean_relief_is_that_of_the_law_of_time(mean, sd):
    """Against the sum over whole quarters, to which a normal time is rounded."""
    edges = np.arange(-400.0, 401.0) - 0.5
    odds = np.diff(ndtr((edges - mean) / sd))
    held = edges[:-1] + 0.5
    assert mean_raised(HALF_THEN_ALL, mean, sd) == pytest.approx(
        float(odds @ raised_after(HALF_THEN_ALL, held)), abs=1e-9
    )


def test_the_bid_reckons_with_the_relief_of_its_time():
    """Sold for 40 after 16 quarters, or at the end of a life of 24: half of the tax, or none, is raised."""
    paid, n, place = 10.0, len(QUALITY), 30
    weights = np.zeros((1, n, len(PRICES)))
    weights[..., place] = 1.0
    nothing, one = np.zeros((1, n)), np.ones((1, n))
    payoffs = (STAKES[:, None] * PRICES)[None]
    due = 0.2 * np.maximum(0.0, STAKES * PRICES[place] - paid) / (STAKES * PRICES[place])
    tax = GainTax(0.2, 0.0, HALF_THEN_ALL)
    sold = Endings(one, one, weights, weights, np.array([16.0]), np.zeros(1), (0,), nothing, np.zeros(1), np.zeros(1))
    assert net_to_plain(sold, payoffs, paid, tax, 1.0, np.array([np.inf]))[:, 0, 0] == pytest.approx(1.0 - 0.5 * due)
    held = Endings(nothing, one, weights, weights, np.array([90.0]), np.zeros(1), (0,), one, np.zeros(1), np.zeros(1))
    assert net_to_plain(held, payoffs, paid, tax, 1.0, np.array([24.0]))[:, 0, 0] == pytest.approx(1.0)
    assert net_to_plain(held, payoffs, paid, tax, 1.0, np.array([8.0]))[:, 0, 0] == pytest.approx(1.0 - due)


def test_steps_of_a_scenario_reach_the_relieved_classes_alone():
    relieved = {"tax.relieved": ["angel"], "tax.holding_relief": [[3.0, 0.5], [5.0, 1.0]]}
    scenario = load_scenario("baseline").with_changes(relieved)
    names = names_of(scenario)
    terms = terms_of(scenario, names)
    for c, name in enumerate(names.classes):
        wanted = HALF_THEN_ALL if name == "angel" else ()
        assert relief_of(terms.relief_quarters[c], terms.relief_share[c]) == wanted


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
    taxes = [tax_on(rule(rate, deduction), multiple, 1.0, 20) for multiple in MULTIPLES]
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
