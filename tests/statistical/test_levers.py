"""Levers of policy in the whole engine: no dose is no change, and each moves what it should."""

from __future__ import annotations

import numpy as np
import pytest

from finance.market.records import BY_BUYERS, COMPANY_TAX_FORGONE, TO_VENTURES
from finance.outcome.components import COMPANY_TAX, TAXES
from finance.running.equilibria import Equilibria
from tests.lever_economy import GIVE_UP, MARKET, OFFER, OFFERED, PATIENT, economy, engine_of

pytestmark = pytest.mark.slow

PATHS = 96
#: With a small part of the excess, so that supply does not come to its bound.
GIVE_SOME = GIVE_UP | {"guidance_fund.contract_share": 0.3, "guidance_fund.contract_rate": 0.06}
PAID_IN = {"guidance_fund.fee_base": "paid-in", "guidance_fund.later_fee_base": "paid-in"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("levers")


@pytest.fixture(scope="module")
def equilibria(folder):
    return Equilibria(workers=2, folder=folder / "equilibria", pilot_paths=64)


@pytest.fixture(scope="module")
def base(folder):
    return economy(folder, "small")


@pytest.fixture(scope="module")
def solve(equilibria, base):
    """Solve the base with changes; each only once."""
    kept = {}

    def solved(changes, name="changed"):
        key = repr(sorted(changes.items()))
        if key not in kept:
            kept[key] = equilibria.solved(base.with_changes(changes, name=name) if changes else base)
        return kept[key]

    return solved


@pytest.fixture(scope="module")
def seen(solve):
    """Vectors of some changes beside the base's, on the same luck: view(name) → (base, changed), each (path, …)."""
    kept = {}

    def look(changes, paths=PATHS):
        key = repr(sorted(changes.items()))
        if key not in kept:
            engine = engine_of(solve({}), solve(changes))
            kept[key] = engine, engine.path_vectors(0, paths)
        engine, vectors = kept[key]
        return lambda name: engine.layout.view(vectors, name)

    return look


def committed(solved):
    """Capacity of each class by pilot, (pilot, class)."""
    return np.array([solution.committed.capacity for solution in solved.solutions])


def private(solved):
    return np.array([solution.committed.private for solution in solved.solutions])


def tier(solved, place):
    """A tier by pilot, (pilot, [total, public, unspent])."""
    return np.array([solution.committed.tiers[place] for solution in solved.solutions])


# --- no dose, no change ------------------------------------------------------------------------------------------------


def assert_same_to_the_bit(equilibria, base, changed):
    engine = engine_of(equilibria.solved(base), equilibria.solved(changed))
    vectors = engine.path_vectors(0, 16)
    for name in ("invested", "total_gap", "economic_cost", "tax_forgone", "tier_unspent", "committed"):
        own, changed_one = (engine.layout.view(vectors[s], name) for s in range(2))
        assert own.tobytes() == changed_one.tobytes(), name
    assert vectors[0].tobytes() == vectors[1].tobytes()


STRONG = {
    "guidance_fund": {**GIVE_UP, "guidance_fund.diverted_share": 1.0, "guidance_fund.vintages": 4},
    "tax": {"tax.gain_exemption_share": 1.0, "tax.super_deduction_share": 2.0, "tax.relieved": ["market", "patient"]},
    "classes.market": {"classes.market.supply_elasticity": 3.0, "classes.market.tax_rate": 0.0},
}


@pytest.mark.parametrize("lever", STRONG)
def test_dose_nothing_is_the_baseline_to_the_bit(equilibria, base, lever):
    strong = base.with_changes(STRONG[lever], name="strong")
    assert_same_to_the_bit(equilibria, base, strong.with_dose({lever: 0.0}))


NO_AMOUNT = {
    "a programme that offers nothing": {
        "guidance_fund.diverted_share": 1.0,
        "guidance_fund.sub_fund_share_cap": 0.2,
        "guidance_fund.regional_share_cap": 0.3,
    },
    "a programme that offers nothing for good terms": {
        "guidance_fund.diverted_share": 0.0,
        "guidance_fund.sub_fund_share_cap": 0.9,
        "guidance_fund.contract_rate": 0.2,
        "guidance_fund.contract_last_year": 2.0,
    },
    "an offer for which nobody may wait": {**OFFER, "guidance_fund.sub_fund_share_cap": 0.0},
    "central money without local money": {**OFFER, "guidance_fund.regional_share_cap": 0.5},
    "a relief for nobody": {"tax.relieved": [], "tax.gain_exemption_share": 1.0},
    "no relief for all": {"tax.relieved": ["market", "patient"]},
    "more elastic supply": {"classes.market.supply_elasticity": 3.0, "classes.patient.supply_elasticity": 0.0},
}  # fmt: skip
#: What an offer without takers leaves changes nothing but the money unspent.
UNSPENT = ("an offer for which nobody may wait", "central money without local money")


@pytest.fixture(scope="module")
def undeducted(folder):
    """The economy without a deduction of investments, so that a relief for nobody takes nothing away."""
    return economy(folder, "undeducted", tax__investment_deduction_share=0.0)


@pytest.mark.parametrize("lever", NO_AMOUNT)
def test_a_lever_without_an_amount_is_the_baseline_to_the_bit(equilibria, base, undeducted, lever):
    root = undeducted if "relief" in lever else base
    changed = root.with_changes(NO_AMOUNT[lever], name="no-amount")
    if lever not in UNSPENT:
        assert_same_to_the_bit(equilibria, root, changed)
        return
    engine = engine_of(equilibria.solved(root), equilibria.solved(changed))
    vectors = engine.path_vectors(0, 16)
    unspent = engine.layout.view(vectors[1], "tier_unspent")
    assert (unspent[:, -1] == OFFERED).all()
    for name in ("tier_unspent", "tier_total", "tier_public"):
        engine.layout.view(vectors[0], name)[:] = engine.layout.view(vectors[1], name)
    assert vectors[0].tobytes() == vectors[1].tobytes()


@pytest.mark.parametrize("contract", ["give-up", "first-loss", "guarantee"])
def test_a_contract_without_an_amount_is_the_baseline_to_the_bit(equilibria, base, contract):
    changes = {"guidance_fund.contract": contract, "guidance_fund.contract_share": 0.0}
    assert_same_to_the_bit(equilibria, base, base.with_changes(changes, name="no-amount"))


FIRST_LOSS = {**OFFER, "guidance_fund.contract": "first-loss", "guidance_fund.contract_share": 0.1}


def further(put_share, excess_share):
    """Further terms of the kind of Korea's first-step fund."""
    return {
        "guidance_fund.further": {
            "order": ["put", "excess"],
            "put": {"contract": "put", "share": put_share, "last_year": 4.0},
            "excess": {"contract": "give-up", "share": excess_share},
        }
    }


def test_further_terms_without_a_share_are_the_contract_to_the_bit(equilibria, base):
    changed = [base.with_changes(FIRST_LOSS | more, name="loss") for more in ({}, further(0.0, 0.0))]
    assert_same_to_the_bit(equilibria, *changed)


def test_further_terms_draw_private_money_and_cost_the_public(solve, seen):
    """A put and a give-up behind a first loss: each leaves partners more, both together most."""
    one, put, excess, both = (
        private(solve(FIRST_LOSS | more))[:, PATIENT].mean()
        for more in ({}, further(0.5, 0.0), further(0.0, 0.3), further(0.5, 0.3))
    )
    assert one < min(put, excess)
    assert max(put, excess) < both
    before, after = seen(FIRST_LOSS | further(0.5, 0.3))("outlay")
    assert after.sum() > before.sum()


# --- the guidance programme --------------------------------------------------------------------------------------------


def test_the_economy_is_in_equilibrium(solve):
    assert max(solution.residual for solution in solve({}).solutions) < 0.01


def test_a_concession_draws_private_commitments_that_pari_passu_does_not(solve):
    stated, same, some, all_of_it = (private(solve(each))[:, PATIENT] for each in ({}, OFFER, GIVE_SOME, GIVE_UP))
    assert (np.abs(np.log(same / stated)) < 0.1).all()
    assert (some > 1.05 * same).all()
    assert (all_of_it > some).all()


def test_a_fee_on_commitments_keeps_partners_away(solve):
    """Much is idle, so what is committed is far more than what is held; at no rate the base is nothing."""
    stated, dear = {}, {"guidance_fund.fee_base": "committed", "guidance_fund.later_fee_base": "committed"}
    plain, charged, called = (private(solve(each))[:, PATIENT] for each in (stated, dear, PAID_IN))
    assert (charged < plain).all()
    assert (charged < called).all()
    assert (called < plain).all()


def test_more_private_money_leaves_less_of_the_offer_unspent(solve):
    same, drawn = (tier(solve(each), -1) for each in (OFFER, GIVE_UP))
    assert (same[:, 2] > 0.0).all()
    assert (drawn[:, 2] < same[:, 2]).all()
    before = 500.0 * 0.3
    for found in (same, drawn):
        assert found[:, 1] + found[:, 2] == pytest.approx(before + OFFERED)
        assert (found[:, 1] <= 0.5 * found[:, 0] * (1.0 + 1e-12)).all()


def test_what_is_diverted_is_missing_in_market_funds(solve):
    """Both ends of the share on the same pilots; returns move too, so not all of the difference is what is diverted."""
    none, all_of_it = (solve(GIVE_UP | {"guidance_fund.diverted_share": share}) for share in (0.0, 1.0))
    drawn = private(all_of_it)[:, PATIENT] - 500.0 * 0.7
    missing = committed(none)[:, MARKET] - committed(all_of_it)[:, MARKET]
    assert (drawn > 300.0).all()
    assert (missing > 0.25 * drawn).all()
    assert (missing < drawn).all()
    assert (committed(all_of_it)[:, MARKET] >= 500.0).all(), "a third is left"


def test_a_programme_invests_and_crowds_out_even_where_it_diverts_nothing(seen):
    """There are only so many deals: sub-funds with more money make deals that market funds would have made."""
    view = seen(GIVE_UP | {"guidance_fund.diverted_share": 0.0})
    before, after = view("public_outlay").mean(axis=1)
    assert after > before
    before, after = view("invested").sum(axis=-1).mean(axis=1)
    assert after[PATIENT] > before[PATIENT]
    assert after[MARKET] < before[MARKET]


def test_the_leverage_table_says_what_is_committed(seen, solve):
    view, found = seen(GIVE_UP), solve(GIVE_UP)
    pilots = np.arange(PATHS) % len(found.solutions)
    for place, name in enumerate(("tier_total", "tier_public", "tier_unspent")):
        expected = np.array([[each[place] for each in solution.committed.tiers] for solution in found.solutions])
        assert view(name)[1] == pytest.approx(expected[pilots])
    for name, expected in (("committed", committed(found)), ("committed_private", private(found))):
        assert view(name)[1] == pytest.approx(expected[pilots])
    total, public, unspent = (view(name)[1].mean(axis=0) for name in ("tier_total", "tier_public", "tier_unspent"))
    assert total[1] / public[1] > 2.0, "at the sub-funds, at most half of the money is public"
    assert public[1] / total[1] == pytest.approx(1.0 - view("committed_private")[1, :, PATIENT].mean() / total[1])
    assert total[0] == public[0] == pytest.approx(OFFERED), "no local money beside it"
    assert unspent[2] == pytest.approx(unspent[0] + unspent[1])


# --- supply ------------------------------------------------------------------------------------------------------------


def test_without_elasticity_commitments_are_as_stated(folder, equilibria):
    rigid = economy(folder, "rigid", classes__market__supply_elasticity=0.0, classes__patient__supply_elasticity=0.0)
    found = equilibria.solved(rigid.with_changes(GIVE_UP | {"tax.gain_exemption_share": 1.0}, name="gains"))
    own, root = (
        np.array([solution.beliefs.net_return for solution in solutions])
        for solutions in (found.solutions, found.root_solutions)
    )
    assert ((own - root)[:, PATIENT] > 0.03).all(), "there is something to answer to"
    assert (private(found) == [1500.0, 500.0 * 0.7]).all()
    assert (committed(found)[:, MARKET] == 1500.0).all()
    room = 0.5 / 0.5 * 350.0
    assert committed(found)[:, PATIENT] == pytest.approx(350.0 + room), "public money has come, up to its cap"


# --- taxes -------------------------------------------------------------------------------------------------------------


def test_an_exemption_raises_the_investment_of_those_exempt(seen, solve):
    exempt = {"tax.gain_exemption_share": 1.0}
    assert (private(solve(exempt))[:, MARKET] > 1500.0).all()
    view = seen(exempt)
    before, after = view("invested").sum(axis=-1).mean(axis=1)
    assert after[MARKET] > before[MARKET]
    taxes = engine_of(solve({})).axes.instruments.index(TAXES)
    received, forgone = (view(name)[:, :, taxes].sum(axis=-1).mean(axis=1) for name in ("tax_received", "tax_forgone"))
    assert received[1] < received[0]
    assert forgone[1] > forgone[0]


def test_a_super_deduction_costs_tax_and_raises_what_companies_are_worth(seen, solve):
    company = engine_of(solve({})).axes.instruments.index(COMPANY_TAX)
    forgone = {}
    for share in (0.0, 1.0, 2.0, 4.0):
        view = seen({"tax.super_deduction_share": share} if share != 1.0 else {})
        forgone[share] = view("tax_forgone")[1, :, company].sum(axis=-1).mean()
    assert forgone[0.0] == 0.0
    assert 0.0 < forgone[1.0] < forgone[2.0] < forgone[4.0]
    values = {
        share: np.array([s.era.by_signal[:, :, 0] for s in solve({"tax.super_deduction_share": share}).solutions])
        for share in (0.0, 4.0)
    }
    assert values[4.0].sum() > values[0.0].sum(), "going concerns on arrival"


def test_a_super_deduction_is_no_cash_before_the_exit(solve):
    """With the same bids, the first quarter in which other money moves is one in which a company is sold."""
    with_it, without = solve({}), solve({"tax.super_deduction_share": 0.0})
    numbers = without.prepared.setting.rules.numbers  # the deduction off; values and bids stay those with it
    off = [solution._replace(era=solution.era._replace(numbers=numbers)) for solution in with_it.solutions]
    engine, differing = engine_of(with_it, with_it._replace(solutions=off)), 0
    for path in range(24):
        deducted, plain = (engine.record(path, scenario) for scenario in range(2))
        assert not plain.company_tax[:, COMPANY_TAX_FORGONE].any()
        other = np.flatnonzero((deducted.flows != plain.flows).any(axis=1))
        if len(other):
            first = other[0]
            assert deducted.flows[first, BY_BUYERS] > plain.flows[first, BY_BUYERS]
            assert deducted.flows[first, TO_VENTURES] == plain.flows[first, TO_VENTURES]
            differing += 1
    assert differing > 10
