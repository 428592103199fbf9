"""Measures of support: what they change at a stage, who pays, and where they do nothing."""

import math

import numpy as np
import pytest

from finance.market.support import MOST_PAID, PER_ROUND, PER_UNIT, support_at
from finance.market.terms import names_of, planners_view, terms_of
from tests.readable.cases import flat_tables, one_era, plain_terms
from tests.support import TEXT, found, put, tiny, tiny_content, write_delta, write_scenario

GRANT = {"title": TEXT, "stages": ["pilot"], "paid_share": 0.25}
CENTRE = {
    "title": TEXT, "stages": ["seed", "pilot"], "odds_ratio": 2.0, "time_reduction_share": 0.2,
    "cost_reduction_share": 0.1, "noise_reduction_share": 0.5, "round_cost": 3.0,
}  # fmt: skip


def with_support(**measures):
    return tiny().with_changes({f"support.{name}": measure for name, measure in measures.items()}, name="supported")


def terms(scenario):
    names = names_of(scenario)
    return terms_of(scenario, names), names.stages.index("pilot")


def test_nothing_is_nothing():
    known, _ = terms(tiny())
    own, _ = terms(with_support(grant={"title": TEXT, "stages": ["pilot"]}))
    for name in known._fields:
        if name not in ("support_costs", "programme", "agreement", "standing"):
            assert np.array_equal(getattr(known, name), getattr(own, name)), name
    assert not own.support_costs.any()


def test_the_public_pays_a_share_of_the_cash():
    """A quarter of the cash: 1.333 comes in for each unit that investors pay, .333 of it the public's."""
    known, i = terms(tiny())
    own, _ = terms(with_support(grant=GRANT))
    assert own.need[0, i] == pytest.approx(0.75 * known.need[0, i])
    assert own.burn[0, i] == pytest.approx(0.75 * known.burn[0, i])
    assert own.gross[0, i] == pytest.approx(4 / 3)
    assert own.support_costs[0, i, 0, PER_UNIT] == pytest.approx(1 / 3)
    assert (own.gross[0, :i] == 1.0).all(), "at its stage alone"
    planner = planners_view(own)
    assert planner.need[0, i] == pytest.approx(known.need[0, i]), "a payment is a transfer"
    assert planner.burn[0, i] == pytest.approx(known.burn[0, i])


def test_dear_payments_cost_the_public_more_than_ventures_save():
    own, i = terms(with_support(talent=GRANT | {"paid_multiple": 2.0}))
    assert own.support_costs[0, i, 0, PER_UNIT] == pytest.approx(2 / 3)
    assert own.gross[0, i] == pytest.approx(4 / 3)


def test_what_changes_the_work_changes_it_for_the_planner_too():
    known, i = terms(tiny())
    own, _ = terms(with_support(centre=CENTRE))
    assert own.log_odds[0, i] == pytest.approx(known.log_odds[0, i] + math.log(2.0))
    assert own.mean_quarters[0, i] == pytest.approx(0.8 * known.mean_quarters[0, i])
    assert own.need[0, i] == pytest.approx(0.9 * known.need[0, i])
    assert own.burn[0, i] * own.mean_quarters[0, i] == pytest.approx(0.9 * known.burn[0, i] * known.mean_quarters[0, i])
    assert own.signal_sd[0, i] == pytest.approx(0.5 * known.signal_sd[0, i])
    assert own.public_cost[0, i] == 3.0
    assert own.place_cost[0, i] == 0.0
    assert planners_view(own) is own


def test_measures_work_together():
    """Ratios multiply, shares add; a pool of patents stands in the way and saves time."""
    pool = {"title": TEXT, "stages": ["pilot"], "odds_ratio": 0.86, "time_reduction_share": 0.05}
    both = support_at(with_support(centre=CENTRE, pool=pool, grant=GRANT, more=GRANT), "pilot")
    assert both.log_odds == pytest.approx(math.log(2.0 * 0.86))
    assert both.time == pytest.approx(0.8 * 0.95)
    assert both.gross == pytest.approx(2.0)
    assert both.costs[:, PER_UNIT] == pytest.approx([0.0, 0.0, 0.5, 0.5])
    assert both.costs[:, PER_ROUND] == pytest.approx([3.0, 0.0, 0.0, 0.0])


def test_nobody_is_paid_everything():
    most = GRANT | {"paid_share": 0.7}
    both = support_at(with_support(one=most, two=most), "pilot")
    assert both.gross == pytest.approx(1.0 / (1.0 - MOST_PAID))
    assert both.costs[:, PER_UNIT].sum() == pytest.approx(both.gross - 1.0)


def test_the_public_pays_with_every_closing_and_bridge():
    """Cash needed 20, of which vehicles pay 10: with each unit of theirs comes one of the public's, and 2 a round."""
    own = plain_terms(
        gross=np.full((1, 1), 2.0), support_costs=np.array([[[[1.0, 2.0]]]]), public_cost=np.full((1, 1), 2.0)
    )
    economy = one_era(own, flat_tables(own)).run()
    paid = economy.record.supplied.sum() + economy.record.bridge.sum()
    closed = (economy.record.closed >= 0).sum()
    assert paid > 0.0
    assert economy.record.support_cost.sum() == pytest.approx(paid + 2.0 * closed)
    assert economy.record.platform_cost.sum() == 0.0


def test_doses_move_effects_from_where_they_do_nothing():
    half = with_support(centre=CENTRE).with_dose({"support": 0.5}).support["centre"]
    assert half.odds_ratio == pytest.approx(1.5)
    assert half.noise_reduction_share == pytest.approx(0.25)
    assert half.round_cost == pytest.approx(1.5)
    assert half.paid_multiple == 1.0
    assert with_support(centre=CENTRE).with_dose({"support.centre": 0.0}).digest == tiny().digest


@pytest.mark.parametrize(
    ("name", "changes", "problem"),
    [
        ("grant", {}, None),
        ("grant", {"stages": ["late"]}, ("support.grant.stages", "stage_unknown")),
        ("grant", {"paid_share": 0.95}, ("support.grant.paid_share", "out_of_range")),
        ("patient", {}, ("support.patient", "support_named_as_class")),
    ],
)
def test_measures_that_cannot_be(tmp_path, name, changes, problem):
    write_scenario(tmp_path, "tiny", tiny_content())
    path = write_delta(tmp_path, "more", "tiny", support={"order": [name], name: GRANT | changes})
    assert found(path) == (set() if problem is None else {problem})


def test_a_root_may_have_measures(tmp_path):
    content = put(put(tiny_content(), "support.order", ["grant"]), "support.grant", GRANT)
    put(content, "sources.support", "assumption: made up for a test")
    assert found(write_scenario(tmp_path, "tiny", content)) == set()
