"""Classes that join rounds which others lead, worked out by hand; co-investment by size of round."""

import numpy as np
import pytest

from finance.market.capital import share_of_steps
from finance.market.records import INVESTED, PAID_FOR
from finance.market.terms import names_of, terms_of
from tests.readable.cases import flat_tables, one_era, plain_terms
from tests.support import angels, found, put, tiny, tiny_content, write_delta, write_scenario

LEAD, FOLLOWER = 0, 1


def market(share=0.4, lead=40.0, follower=40.0, **changes):
    """One lead, one class that joins; money a year. A round needs 10, a class calls a quarter of its year's money."""
    terms = plain_terms(
        n_classes=2,
        in_mandate=np.array([[[True]], [[False]]]),
        follow_share=np.array([[[0.0]], [[share]]]),
        capacity=np.array([lead, follower]),
    )._replace(**changes)
    return one_era(terms, flat_tables(terms, bids=(40.0, 40.0))).run()


def paid(economy):
    """What each class has put in."""
    return economy.record.ledger[:, :, INVESTED].sum(axis=1)


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


def test_who_joins_pays_its_share_and_the_lead_the_rest():
    economy = market()
    assert paid(economy) == close_to([6.0, 4.0])
    assert economy.record.supplied[0, 0] == close_to(10.0)


def test_the_terms_are_the_leads():
    """One lead with the money of both sells the same stake at the same price."""
    alone, joined = market(share=0.0), market()
    for name in ("stake", "price_ratio", "price_over_floor", "closed"):
        assert getattr(joined.record, name)[0, 0] == getattr(alone.record, name)[0, 0], name


def test_nobody_follows_where_nobody_leads():
    economy = market(lead=0.0)
    assert paid(economy).tolist() == [0.0, 0.0]
    assert not economy.record.wanted[0, 0]


def test_what_a_follower_does_not_have_the_lead_pays():
    assert paid(market(follower=8.0)) == close_to([8.0, 2.0])


def test_what_the_leads_do_not_have_the_follower_does_not_make_up_for():
    """The leads have half of their six, so the follower pays half of its four."""
    terms = {"min_fill": 0.5, "n_quarters": 1}
    assert paid(market(lead=12.0, **terms)) == close_to([3.0, 2.0])
    assert paid(market(lead=12.0, min_fill=0.51, n_quarters=1)).tolist() == [0.0, 0.0]


def test_a_second_closing_is_shared_alike():
    terms = {"lead": 16.0, "min_fill": 0.5, "mean_quarters": np.full((1, 1), 8.0), "sellers_share_ample": 0.3}
    assert paid(market(**terms, n_quarters=1)) == close_to([4.0, 4.0 * 4.0 / 6.0])
    assert paid(market(**terms, n_quarters=2)) == close_to([6.0, 4.0])


def test_a_follower_has_limits_of_ticket_and_of_life():
    assert paid(market(ticket_max=np.array([np.inf, 1.0]))) == close_to([9.0, 1.0])
    short = {"shortest_life": np.full((1, 1), 50.0), "life_quarters": np.array([60, 40])}
    assert paid(market(**short)) == close_to([10.0, 0.0])


def test_older_vehicles_pay_first_and_have_no_rights():
    """After a year two vehicles have money; the older pays. In the next round a follower takes up nothing."""
    terms = {"n_quarters": 12, "entry_quarters": 12, "pro_rata_share": 1.0}
    economy = market(follower=16.0, **terms)
    joined = [holding for venture in economy.ventures for r in venture.rounds for holding in r.holdings]
    followers = {holding.vehicle.raised for holding in joined if holding.vehicle.capital_class == FOLLOWER}
    assert min(followers) == 0
    assert paid(economy)[FOLLOWER] <= 0.4 * paid(economy).sum() + 1e-9


def test_who_joins_has_no_view_that_could_be_counted():
    assert market().record.bargains[FOLLOWER, PAID_FOR] == 0.0


# --- by size of round ---

#: Up to half a million Singapore dollars 70 %, up to four half, up to eight 30 %, at 5.2 yuan.
STEPS = ((2.6, 0.7), (20.8, 0.5), (41.6, 0.3))


@pytest.mark.parametrize(
    ("amount", "share"),
    [(1.0, 0.7), (2.6, 0.7), (20.8, (1.82 + 9.1) / 20.8), (41.6, (1.82 + 9.1 + 6.24) / 41.6), (83.2, 17.16 / 83.2)],
)
def test_steps_are_for_the_part_of_a_round_that_lies_in_them(amount, share):
    assert share_of_steps(amount, STEPS) == pytest.approx(share)


def test_terms_have_the_share_of_each_stages_need_and_no_mandate():
    scenario = tiny().with_changes({"classes.patient.co_invests": [[5.0, 0.7], [20.0, 0.5]]})
    names = names_of(scenario)
    terms = terms_of(scenario, names)
    c, k = names.classes.index("patient"), 0
    assert not terms.in_mandate[c].any()
    for stage in scenario.classes["patient"].stages:
        i = names.stages.index(stage)
        assert terms.follow_share[c, k, i] == share_of_steps(terms.need[k, i], [(5.0, 0.7), (20.0, 0.5)])
    outside = [i for i, stage in enumerate(names.stages) if stage not in scenario.classes["patient"].stages]
    assert not terms.follow_share[c][:, outside].any()
    assert not terms.follow_share[names.classes.index("market")].any()


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ([], None),
        ([[10.0, 0.5]], None),
        ([[10.0, 0.95]], "nobody_leads"),
        ([[10.0, 0.5], [5.0, 0.3]], "steps_wrong"),
        ([[10.0, -0.5]], "steps_wrong"),
        ([[10.0]], "wrong_type"),
    ],
)
def test_steps_of_co_investment(tmp_path, steps, problem):
    content = put(tiny_content(), "classes.patient.co_invests", steps)
    expected = set() if problem is None else {("classes.patient.co_invests", problem)}
    assert found(write_scenario(tmp_path, "tiny", content)) == expected


def test_two_who_join_leave_something_to_the_lead(tmp_path):
    write_scenario(tmp_path, "tiny", put(tiny_content(), "classes.patient.co_invests", [[9.0, 0.5]]))
    more = {"order": ["market", "patient", "angel"], "angel": angels() | {"co_invests": [[9.0, 0.5]]}}
    path = write_delta(tmp_path, "more", "tiny", classes=more)
    assert found(path) == {("classes.angel.co_invests", "nobody_leads")}
