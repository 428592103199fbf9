"""What the tax office pays back: at the investment, of a loss, of research. By hand, in bids, in a scenario's terms."""

import numpy as np
import pytest

from finance.market import bids
from finance.market.grids import QUALITY, SIGNAL
from finance.market.holdings import tax_on
from finance.market.packed import CLASSES
from finance.market.payoffs import PRICES, STAKES, Endings, net_to_plain, paid_back_of_failures
from finance.market.relief import NEVER_HELD, RELIEF_STEPS, GainTax
from finance.market.support import PER_UNIT
from finance.market.terms import names_of, planners_view, terms_of
from tests.support import TEXT, found, put, tiny, tiny_content, write_scenario


def rule(rate=0.0, credit=0.0, loss_relief=0.0):
    """Terms of a class as the kernel has them."""
    terms = np.zeros(1, CLASSES)
    terms["tax_rate"], terms["investment_credit"], terms["loss_relief"] = rate, credit, loss_relief
    for step in range(RELIEF_STEPS):
        terms[f"relief_quarters_{step}"] = NEVER_HELD
    return terms[0]


def terms(scenario):
    return terms_of(scenario, names_of(scenario))


def with_tax(**values):
    return tiny().with_changes({f"tax.{name}": value for name, value in values.items()}, name="relieved")


# --- a deal ---


@pytest.mark.parametrize(("credit", "lost"), [(0.5, 30_000.0), (0.3, 42_000.0)])
def test_who_loses_all_is_left_with_what_the_british_schemes_leave(credit, lost):
    """SEIS and EIS at an income tax of 40 %: of 100,000 the investor loses 30,000 and 42,000."""
    tax = tax_on(rule(credit=credit, loss_relief=0.4), 0.0, 100_000.0, 8)
    assert 100_000.0 * (1.0 - credit) + tax == pytest.approx(lost)


def test_a_loss_counts_less_the_credit_and_a_gain_counts_whole():
    terms = rule(rate=0.2, credit=0.5, loss_relief=0.4)
    assert tax_on(terms, 40.0, 100.0, 8) == pytest.approx(-0.4 * 10.0)
    assert tax_on(terms, 50.0, 100.0, 8) == tax_on(terms, 100.0, 100.0, 8) == 0.0
    assert tax_on(terms, 150.0, 100.0, 8) == pytest.approx(0.2 * 50.0)


# --- a bid ---

PAID, PLACE = 10.0, 20


def endings(sold, time=8.0):
    """One stage, at whose milestone a company is sold at one price with odds `sold`, whatever its quality."""
    n = len(QUALITY)
    weights = np.zeros((1, n, len(PRICES)))
    weights[..., PLACE] = 1.0
    one, times = np.ones((1, n)), np.array([time])
    return Endings(
        np.full((1, n), sold), one, weights, weights, times, np.zeros(1), (0,), one, np.zeros(1), np.zeros(1)
    )


def test_a_bid_reckons_with_what_is_paid_back_of_deals_that_are_sold_for_little():
    payoffs = (STAKES[:, None] * PRICES)[None]
    tax = GainTax(0.2, 0.0, (), 0.5, 0.4)
    ratio = net_to_plain(endings(0.3), payoffs, PAID, tax, 1.0, np.array([np.inf]))[:, 0, 0]
    for stake, net in zip(STAKES, ratio, strict=True):
        received = stake * PRICES[PLACE]
        assert net * received == pytest.approx(received - tax_on(rule(0.2, 0.5, 0.4), received, PAID, 8))


def test_a_bid_reckons_with_what_is_paid_back_of_deals_that_fail():
    """Seven in ten fail after two years: .7 · .4 · (10 − 5), discounted; nothing where the fund ends before that."""
    tax = GainTax(0.2, 0.0, (), 0.5, 0.4)
    worth = paid_back_of_failures(endings(0.3), PAID, tax, 0.97, np.array([4.0, 12.0, np.inf]))
    assert worth[:, 0] == pytest.approx(0.0)
    assert worth[:, 1:] == pytest.approx(0.7 * 0.4 * 5.0 * 0.97**8)
    assert not paid_back_of_failures(endings(0.3), PAID, GainTax(0.2, 0.0), 0.97, np.array([np.inf])).any()


def bid(credit=0.0, loss_relief=0.0, rate=0.0):
    """What is bid for a company worth 50 whatever is seen, sold with odds of .3, shares without preference."""
    scenario = tiny().with_changes({"market.preference_multiple": 0.0})
    own = terms(scenario)
    investor = bids.investors_of(own, np.zeros(len(own.capacity)))[0]
    investor = investor._replace(
        nodes=0, factor=1.0, tax_rate=rate, tax_deduction=0.0, relief=(), credit=credit, loss_relief=loss_relief
    )
    summary = bids.StageSummary(PAID, *([np.zeros(len(QUALITY))] * 6), 0.2, 0.8, 8.0, 0.0)
    shared = bids.ClassBids(
        endings(0.3), (STAKES[:, None] * PRICES)[None], np.zeros(len(QUALITY)),
        np.full((len(SIGNAL), len(QUALITY)), 1.0 / len(QUALITY)),
    )  # fmt: skip
    value = np.full((len(QUALITY), len(SIGNAL), 1), 50.0)
    return float(bids.bid_by_life(value, shared, [summary], own, investor, 0.0, 0)[0, 0])


def test_a_credit_of_half_doubles_what_is_bid():
    assert bid() == pytest.approx(50.0)
    assert bid(credit=0.5) == pytest.approx(100.0)
    assert bid(credit=0.2) == pytest.approx(62.5)


def test_what_is_paid_back_of_losses_raises_bids():
    assert bid() < bid(loss_relief=0.2) < bid(loss_relief=0.4)
    assert bid(credit=0.5) < bid(credit=0.5, loss_relief=0.4)


# --- a scenario ---


def test_off_is_off():
    known, own = terms(tiny()), terms(with_tax(refund_rate=0.2))
    for name in known._fields:
        if name not in ("programme", "agreement", "standing"):
            assert np.array_equal(getattr(known, name), getattr(own, name)), name
    assert not known.investment_credit.any()
    assert not known.loss_relief.any()


def test_private_partners_of_the_relieved_classes_get_it():
    own = terms(
        with_tax(relieved=["market"], investment_credit_share=0.3, loss_relief_rate=0.4).with_changes(
            {"classes.market.public_share": 0.25}, name="half"
        )
    )
    assert own.investment_credit == pytest.approx([0.225, 0.0])
    assert own.loss_relief == pytest.approx([0.3, 0.0])


def test_research_is_paid_back_instead_of_being_deducted():
    """14.5 % of twice the research, six tenths of the cash: ventures raise .826 of it; research stops being a loss."""
    scenario = tiny().with_changes({"sectors.lab.stages.pilot.research_share": 0.6}, name="lab")
    known = terms(scenario)
    own = terms(scenario.with_changes({"tax.refunded_share": 1.0, "tax.super_deduction_share": 1.0}, name="refund"))
    i = names_of(scenario).stages.index("pilot")
    share = 0.145 * 2.0 * 0.6
    assert own.need[0, i] == pytest.approx((1.0 - share) * known.need[0, i])
    assert own.support_costs[0, i, -1, PER_UNIT] == pytest.approx(share / (1.0 - share))
    assert own.super_deduction_share == -1.0
    assert planners_view(own).need[0, i] == pytest.approx(known.need[0, i]), "a payment is a transfer"


def test_cheaper_research_is_more_research_and_the_planner_pays_for_it():
    """Half of it paid back, elasticity 1: twice as much, 60 % dearer stages, 9 % more at the exit."""
    research = {"sectors.lab.stages.pilot.research_share": 0.6}
    scenario = tiny().with_changes(research, name="lab")
    half = {
        "tax.refunded_share": 1.0, "tax.refund_rate": 0.25, "tax.super_deduction_share": 1.0,
        "tax.research_elasticity": 1.0,
    }  # fmt: skip
    known, own = terms(scenario), terms(scenario.with_changes(half, name="half"))
    i = names_of(scenario).stages.index("pilot")
    assert planners_view(own).need[0, i] == pytest.approx(1.6 * known.need[0, i])
    assert own.research_share[0, i] == pytest.approx(1.2 / 1.6)
    assert own.exit_log_median == pytest.approx(known.exit_log_median + np.log(1.09))
    some = terms(scenario.with_changes(half | {"tax.relabelled_share": 0.25}, name="some"))
    assert planners_view(some).need[0, i] == pytest.approx((1.0 + 0.6 * 0.75) * known.need[0, i])
    assert some.research_share[0, i] == pytest.approx(0.6 * 1.75 / 1.45 / 0.75)


def test_what_is_declared_is_at_most_all_and_moves_no_real_cost():
    known, own = terms(tiny()), terms(with_tax(relabelled_share=0.5))
    assert own.research_share == pytest.approx(np.minimum(1.0, 2.0 * known.research_share))
    assert np.array_equal(own.need, known.need)
    assert np.array_equal(own.exit_log_median, known.exit_log_median)


def test_research_that_is_paid_back_stands_behind_the_measures_of_support():
    grant = {"title": TEXT, "stages": ["pilot"], "paid_share": 0.25}
    scenario = with_tax(refunded_share=0.5, refund_rate=0.2, super_deduction_share=0.5).with_changes(
        {"support.grant": grant, "sectors.lab.stages.pilot.research_share": 0.4}, name="both"
    )
    own, i = terms(scenario), names_of(scenario).stages.index("pilot")
    refund = 0.5 * 0.2 * 1.5 * 0.4
    assert own.gross[0, i] == pytest.approx(1.0 / (1.0 - 0.25 - refund))
    assert own.support_costs[0, i, :, PER_UNIT] == pytest.approx(np.array([0.25, refund]) * own.gross[0, i])
    assert own.super_deduction_share == pytest.approx(0.5 * 0.5 - 0.5)


def test_a_credit_is_not_for_partners_of_sub_funds(tmp_path):
    content = tiny_content()
    put(content, "guidance_fund.sub_funds", "market")
    put(content, "tax.relieved", ["market"])
    put(content, "tax.investment_credit_share", 0.3)
    problems = found(write_scenario(tmp_path, "credit", content))
    assert ("tax.investment_credit_share", "credit_of_sub_funds") in problems
