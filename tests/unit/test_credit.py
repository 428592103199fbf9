"""Loans beside rounds: what is due, who repays, who bears what is lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.language import current_language, set_language
from finance.market.arrival import distress_proceeds
from finance.market.records import ACQUISITION, DISTRESS_SALE, TECHNICAL
from finance.market.terms import asked_of_vehicles, names_of, planners_view, terms_of
from finance.policy.credit import FEE, LENT, LOST, REPAID, by_tier, claims, loan_due
from finance.show.names import measure_names
from tests.readable.cases import SURE, flat_tables, one_era, plain_terms
from tests.support import found, put, tiny, tiny_content, write_scenario

LOANS = {"stages": ["seed"], "loan_share": 0.2, "interest_rate": 0.05, "fee_rate": 0.01}


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


# --- arithmetic ---


def test_what_is_due():
    """20 at 5 % for two years, and a fee of 1 % on the four fifths that are guaranteed: 20 × 1.116."""
    assert loan_due(20.0, 2.0, 0.05, 0.01, 0.8) == pytest.approx(22.32)
    assert loan_due(20.0, 0.0, 0.05, 0.01, 0.8) == 20.0


def test_claims_stop_at_their_cap():
    """Of 14 lost on 100, 5 count at a cap of 5 %, and four fifths of these are made good: 3.2 at once, .8 later."""
    lent, lost = np.array([100.0, 0.0, 0.0]), np.array([0.0, 4.0, 10.0])
    assert claims(lent, lost, 0.8, 0.05) == pytest.approx([0.0, 3.2, 0.8])
    assert claims(lent, lost, 0.8, 1.0) == pytest.approx([0.0, 3.2, 8.0])


def test_more_lending_makes_room_for_claims():
    """What a cap kept back is paid once more has been guaranteed."""
    assert claims(np.array([100.0, 0.0, 100.0]), np.array([0.0, 8.0, 0.0]), 1.0, 0.05) == pytest.approx([0.0, 5.0, 3.0])


amounts = st.lists(st.floats(0.0, 1e3), min_size=1, max_size=12)


@given(amounts, amounts, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_claims_are_never_above_what_is_lost_or_allowed(lent, lost, guaranteed, cap):
    n = min(len(lent), len(lost))
    lent, lost = np.array(lent[:n]), np.array(lost[:n])
    paid = claims(lent, lost, guaranteed, cap)
    assert (paid >= -1e-9).all()
    assert (np.cumsum(paid) <= guaranteed * np.cumsum(lost) + 1e-6).all()
    assert (np.cumsum(paid) <= guaranteed * cap * np.cumsum(lent) + 1e-6).all()
    assert claims(lent, lost, guaranteed, 1.0).sum() >= paid.sum() - 1e-6, "no cap is never worse for banks"


def test_tiers_share_every_claim():
    assert by_tier({"national": 0.4, "province": 0.2, "local": 0.2}) == pytest.approx(
        {"national": 0.5, "province": 0.25, "local": 0.25}
    )
    assert by_tier({}) == {}
    assert by_tier({"national": 0.0}) == {}


# --- terms ---


def test_the_next_round_repays():
    scenario = tiny().with_changes({f"credit.{name}": value for name, value in LOANS.items()})
    names = names_of(scenario)
    terms, seed, pilot = terms_of(scenario, names), names.stages.index("seed"), names.stages.index("pilot")
    years = scenario.sectors["lab"].stages["seed"].mean_years
    assert terms.lent[0, seed] == pytest.approx(0.2 * terms.need[0, seed])
    assert terms.owed[0, pilot] == pytest.approx(terms.lent[0, seed] * (1 + 0.05 * years))
    assert terms.owed[0, seed] == terms.lent[0, pilot] == 0.0
    asked = asked_of_vehicles(terms)
    assert asked[0, seed] == pytest.approx(0.8 * terms.need[0, seed])
    assert asked[0, pilot] == pytest.approx(terms.need[0, pilot] + terms.owed[0, pilot])
    planner = planners_view(terms)
    assert np.array_equal(planner.need, terms_of(tiny(), names).need), "a loan is a transfer"
    assert not planner.lent.any()
    assert not planner.owed.any()


@pytest.mark.parametrize("owed", [0.0, 1.0, 5.0, 12.0, 30.0])
def test_the_bank_comes_first_in_a_sale(owed):
    """Against the mean over draws: holders get what is above the debt, at most what going on is worth."""
    terms = plain_terms(distress_probability=0.6, distress_low=0.1, distress_high=0.4)
    draws = np.linspace(0.1, 0.4, 200_001) * 50.0
    concern = np.array([0.0, 3.0, 100.0])
    expected = [0.6 * np.minimum(np.maximum(draws - owed, 0.0), each).mean() for each in concern]
    assert distress_proceeds(terms, 50.0, concern, owed) == pytest.approx(expected, abs=1e-3)


# --- the readable market ---

#: Two stages of which the first is financed by 4 of a loan; 5 are due at the second.
TWO = {
    "n_stages": 2, "n_quarters": 12, "lent": np.array([[4.0, 0.0]]), "owed": np.array([[0.0, 5.0]]),
    "loan_fee": np.array([[0.1, 0.0]]),
}  # fmt: skip


def market(**changes):
    terms = plain_terms(**(TWO | changes))
    return one_era(terms, flat_tables(terms)).run()


def account(economy):
    return economy.record.credit.sum(axis=0)


def test_a_loan_is_taken_at_the_closing_and_repaid_by_the_next():
    economy = market()
    assert economy.record.supplied[0] == close_to([6.0, 15.0])
    assert account(economy)[[LENT, FEE, REPAID, LOST]] == close_to([4.0, 0.1, 5.0, 0.0])
    first, last = (int(economy.record.closed[0, i]) for i in (0, 1))
    assert economy.record.credit[first, LENT] == 4.0
    assert economy.record.credit[last, REPAID] == 5.0


def test_both_rounds_have_the_cash_of_their_stage():
    """Ten for either, whoever pays: time and fate are those of a market without loans."""
    economy, plain = market(), market(lent=np.zeros((1, 2)), owed=np.zeros((1, 2)), loan_fee=np.zeros((1, 2)))
    assert economy.record.left.tolist() == plain.record.left.tolist()
    assert economy.record.fate.tolist() == plain.record.fate.tolist()
    assert economy.record.social == pytest.approx(plain.record.social), "loans are transfers"


def test_who_fails_before_repays_nothing():
    economy = market(log_odds=np.array([[-SURE, SURE]]))
    assert economy.record.fate[0] == TECHNICAL
    assert account(economy)[[LENT, REPAID, LOST]] == close_to([4.0, 0.0, 5.0])


def test_who_buys_a_venture_repays_its_loan():
    economy = market(offer_probability=np.array([[1.0, 0.0]]))
    assert economy.record.fate[0] == ACQUISITION
    assert account(economy)[[REPAID, LOST]] == close_to([5.0, 0.0])


def test_a_sale_in_distress_pays_the_bank_first():
    """Nobody wants the second round. Six were spent: a sale for all of them leaves the bank its five, holders one."""
    changes = {
        "in_mandate": np.array([[[True, False]]]), "distress_probability": 1.0, "search_quarters": 2,
        "distress_low": 1.0, "distress_high": 1.0,
    }  # fmt: skip
    economy = market(**changes)
    assert economy.record.fate[0] == DISTRESS_SALE
    assert account(economy)[[REPAID, LOST]] == close_to([5.0, 0.0])
    poor = market(**changes | {"distress_low": 0.5, "distress_high": 0.5})
    assert poor.record.fate[0] != DISTRESS_SALE, "three are less than is owed: nothing is left for holders"
    assert account(poor)[[REPAID, LOST]] == close_to([3.0, 2.0])


# --- rules ---


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"stages": ["late"]}, ("credit.stages", "stage_unknown")),
        ({"stages": ["growth"]}, ("credit.stages", "loan_at_the_last")),
        ({"guarantee_shares": {"national": 0.8, "local": 0.3}}, ("credit.guarantee_shares", "guarantees_above_one")),
        ({"guarantee_shares": {"national": 1.3}}, ("credit.guarantee_shares.national", "out_of_range")),
        ({"loan_share": 0.7}, ("credit.loan_share", "out_of_range")),
    ],
)
def test_loans_that_cannot_be(tmp_path, changes, problem):
    content = put(tiny_content(), "credit", LOANS | changes)
    put(content, "sources.credit", "assumption: made up for a test")
    problems = found(write_scenario(tmp_path, "tiny", content))
    assert problems == set() if problem is None else problem in problems


def test_a_loan_that_the_next_round_cannot_repay(tmp_path):
    content = put(tiny_content(), "credit", LOANS | {"loan_share": 0.5, "interest_rate": 0.3})
    put(content, "sources.credit", "assumption: made up for a test")
    put(content, "sectors.lab.stages.seed.burn", 3.0 * content["sectors"]["lab"]["stages"]["pilot"]["burn"])
    assert ("credit.loan_share", "loan_too_large") in found(write_scenario(tmp_path, "tiny", content))


@pytest.mark.parametrize(
    ("language", "national", "other"),
    [("en", "Guarantee, national", "Guarantee, town"), ("zh", "担保（国家）", "担保（town）")],
)
def test_tiers_are_called_by_words_where_there_are_some(language, national, other):
    scenario = tiny().with_changes({"credit.guarantee_shares": {"national": 0.4, "town": 0.2}})
    before = current_language()
    set_language(language)
    try:
        assert measure_names(scenario) == {"guarantee-national": national, "guarantee-town": other}
    finally:
        set_language(before)
