"""What a programme's terms concede, on its simulated sub-funds: parts add up, and rows say what contracts say."""

from __future__ import annotations

import numpy as np
import pytest

from finance.policy.contracts import Grant, PariPassu
from finance.running.equilibria import Equilibria
from finance.study.concessions import KNOWN_TERMS, OWN, concessions, measured
from tests.lever_economy import GIVE_UP, OFFER, economy, engine_of

pytestmark = pytest.mark.slow

PATHS = 160
BUY_OUT = {
    **OFFER,
    "guidance_fund.contract": "buy-out",
    "guidance_fund.contract_rate": 0.0,
    "guidance_fund.contract_last_year": 3.0,
}
#: A put behind a first loss: a sequence, which has no closed form.
TWO_TERMS = {
    **OFFER,
    "guidance_fund.contract": "first-loss",
    "guidance_fund.contract_share": 0.1,
    "guidance_fund.further.excess": {"contract": "give-up", "share": 0.5},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return economy(tmp_path_factory.mktemp("concessions"), "plain")


@pytest.fixture(scope="module")
def tables(base):
    changes = {"plain": OFFER, "give-up": GIVE_UP, "buy-out": BUY_OUT, "two": TWO_TERMS}
    return {
        name: concessions(base.with_changes(each, name=name), PATHS, workers=2).set_index(["contract", "measure"])
        for name, each in changes.items()
    }


def values(table, contract):
    return table["value"][contract].to_dict()


def test_equal_terms_concede_nothing(tables):
    own = tables["plain"].loc[OWN]
    for measure in ("simulated", "closed_form", "gap_of_timing", "gap_of_law"):
        assert own.loc[measure, ["value", "low", "high"]].tolist() == pytest.approx([0.0] * 3, abs=1e-9)


@pytest.mark.parametrize("name", ["plain", "give-up", "buy-out"])
def test_what_is_simulated_is_the_price_and_the_gaps(tables, name):
    for contract in (OWN, *KNOWN_TERMS):
        found = values(tables[name], contract)
        gaps = sum(found.get(gap, 0.0) for gap in ("gap_of_foresight", "gap_of_timing", "gap_of_law"))
        assert found["simulated"] == pytest.approx(found["closed_form"] + gaps), contract
        assert ("gap_of_foresight" in found) == (name == "buy-out" and contract == OWN)


def test_all_contracts_divide_the_same_fund(tables):
    spots = tables["plain"]["value"].xs("spot", level="measure")
    assert len(spots) == 1 + len(KNOWN_TERMS)
    assert spots.to_numpy() == pytest.approx(spots.iloc[0])


def test_a_grant_concedes_all_that_the_public_would_get(base):
    """By hand: the public's share of what partners receive, at the paths' state prices."""
    solved = Equilibria(workers=2).solved(base.with_changes(OFFER, name="grant"))
    fund = engine_of(solved, seed=1).first_sub_fund(PATHS)
    found = measured(fund, Grant(), is_own=False)
    assert found["simulated"] == pytest.approx(found["closed_form"], rel=1e-9)
    assert measured(fund, PariPassu(), is_own=False)["simulated"] == 0.0
    assert (fund.state_prices[:, 0] == 1.0).all()
    assert found["simulated"] == pytest.approx(found["spot"] * float(np.mean(fund.public_share)), rel=0.05)


def test_the_own_contract_stands_where_the_known_one_does(tables):
    own, known = (values(tables["give-up"], name) for name in (OWN, "give-up"))
    assert own == pytest.approx(known)
    assert own["simulated"] > 0.0


def test_intervals_hold_their_value(tables):
    table = tables["buy-out"].drop("years", level="measure")
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert (table.xs("simulated", level="measure")["high"] > table.xs("simulated", level="measure")["low"]).sum() >= 10


def test_terms_behind_one_another_are_simulated_alone(tables):
    assert list(values(tables["two"], OWN)) == ["simulated"]


def test_who_has_no_programme_or_too_few_paths_is_told(base):
    with pytest.raises(ValueError, match="at least 80 paths"):
        concessions(base, 40)
    alone = base.with_changes({"guidance_fund.sub_funds": "nobody"}, name="alone")
    with pytest.raises(ValueError, match="no guidance programme"):
        concessions(alone, 80, workers=2)
