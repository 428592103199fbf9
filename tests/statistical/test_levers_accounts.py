"""Public and private money of programmes and taxes adds up in the whole engine."""

from __future__ import annotations

import numpy as np
import pytest

from finance.market.records import INVESTED
from finance.market.returns import cohort_share
from finance.outcome.components import COMPANY_TAX, TAXES
from finance.policy.sub_fund_fees import vehicles_raised
from finance.policy.sub_funds import COHORT_PAID, agreement, partner_flows
from finance.running.equilibria import Equilibria
from finance.scenario import ScenarioError
from tests.lever_economy import GIVE_UP, PATIENT, economy, engine_of

PATHS = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("accounts")


@pytest.fixture(scope="module")
def equilibria(folder):
    """Equilibria of a few paths: accounts add up in or out of equilibrium."""
    return Equilibria(workers=2, folder=folder / "equilibria", pilot_paths=8)


def look(equilibria, *scenarios, paths=PATHS):
    """Engine and views of the first paths: view(name), (scenario, path, …)."""
    engine = engine_of(*map(equilibria.solved, scenarios))
    vectors = engine.path_vectors(0, paths)
    return engine, lambda name: engine.layout.view(vectors, name)


def paid_in(view):
    """What public and private money has paid, (scenario, path)."""
    return view("public_outlay") + view("private_invested")


def invested(view):
    return view("invested").sum(axis=(-1, -2))


def flows_of(engine, scenario, path):
    """Flows of partners of sub-funds, and the cohort's share of each sub-fund. Of a root, which raises what it states."""
    record = engine.record(path)
    agreed = agreement(scenario.guidance_fund, scenario.world.inflation_rate)
    patient, fund, clock = scenario.classes["patient"], scenario.guidance_fund, scenario.clock
    quarters = 4 * (clock.warm_up_years + clock.simulated_years)
    raised = vehicles_raised(
        record.sub_funds.shape[:2], 4 * fund.vintages, 4 * patient.investment_years, round(4 * patient.life_years),
        (quarters, quarters),
    ).times(patient.capacity)  # fmt: skip
    flows = partner_flows(record.sub_funds, patient.public_share, agreed, record.sub_fund_values, raised)
    return flows, cohort_share(record.sub_funds)


# --- paid in -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contract", ["pari-passu", "give-up", "private-priority", "guarantee", "buy-out"])
def test_public_and_private_money_paid_in_is_what_is_invested_and_the_fee(folder, equilibria, contract):
    """Without a warm-up, in which sub-funds begin that pay for the cohort too. What a guarantee calls is paid as well."""
    root = economy(folder, f"cold-{contract}", clock__warm_up_years=0, guidance_fund__contract=contract,
                   guidance_fund__contract_share=0.5, guidance_fund__contract_last_year=2.0)  # fmt: skip
    engine, view = look(equilibria, root)
    fees, calls = np.zeros(PATHS), np.zeros(PATHS)
    for path in range(PATHS):
        flows, share = flows_of(engine, root, path)
        fees[path] = (share[:, None] * flows.fee).sum()
        calls[path] = (share[:, None] * np.maximum(-flows.public_received, 0.0)).sum()
    assert fees.min() >= 0.0
    assert fees.max() > 0.0
    assert (calls.max() > 0.0) == (contract == "guarantee")
    np.testing.assert_allclose(paid_in(view)[0], invested(view)[0] + fees + calls, rtol=1e-9)
    np.testing.assert_allclose(view("public_outlay"), view("outlay").sum(axis=(-1, -2)), rtol=1e-9)


@pytest.mark.parametrize("base", ["paid-in", "committed"])
def test_a_fee_on_what_is_not_invested_is_paid_in_too(folder, equilibria, base):
    """A class that is as large as all its deals leave it idle: the fee on commitments is the larger one."""
    cold = {"clock__warm_up_years": 0}
    root, plain = (
        economy(folder, f"cold-{name}", **cold, guidance_fund__fee_base=name, guidance_fund__later_fee_base=name)
        for name in (base, "invested")
    )
    (engine, view), (_, before) = look(equilibria, root), look(equilibria, plain)
    fees = np.zeros(PATHS)
    for path in range(PATHS):
        flows, share = flows_of(engine, root, path)
        fees[path] = (share[:, None] * flows.fee).sum()
    np.testing.assert_allclose(paid_in(view)[0], invested(view)[0] + fees, rtol=1e-9)
    assert invested(view).tobytes() == invested(before).tobytes(), "a root's money does not answer to its own fee"
    assert (paid_in(view) >= paid_in(before)).all()
    for name in ("public_outlay", "private_invested", "budget_cost", "economic_cost"):
        assert view(name).mean() > before(name).mean()


def test_several_rights_behind_a_contract_are_valued_and_paid(folder, equilibria):
    """A first loss, a call of years 1 to 3 and a put of year 2: holdings are valued every year, no money is lost."""
    terms = {
        "order": ["call", "put"],
        "call": {"contract": "scheduled-buy-out", "share": 0.5, "last_year": 3.0, "steps": [[3.0, 0.05]]},
        "put": {"contract": "put", "share": 0.5, "last_year": 2.0},
    }
    root = economy(folder, "cold-rights", clock__warm_up_years=0, guidance_fund__contract="first-loss",
                   guidance_fund__contract_share=0.2, guidance_fund__further=terms)  # fmt: skip
    engine, view = look(equilibria, root)
    assert engine.record(0).sub_fund_values.shape[1] == 3
    paid, calls, valued = np.zeros(PATHS), np.zeros(PATHS), 0
    for path in range(PATHS):
        flows, share = flows_of(engine, root, path)
        paid[path] = (share[:, None] * flows.fee).sum()
        calls[path] = (share[:, None] * np.maximum(-flows.public_received, 0.0)).sum()
        valued += (engine.record(path).sub_fund_values > 0.0).all(axis=1).sum()
    assert valued > PATHS
    assert calls.max() > 0.0
    np.testing.assert_allclose(paid_in(view)[0], invested(view)[0] + paid + calls, rtol=1e-9)


def test_without_a_programme_what_is_paid_in_is_what_is_invested(folder, equilibria):
    _, view = look(equilibria, economy(folder, "none", guidance_fund__sub_funds="none"))
    np.testing.assert_allclose(paid_in(view), invested(view), rtol=1e-9)


def test_with_a_warm_up_public_and_private_money_paid_in_is_what_is_invested(folder, equilibria):
    _, view = look(equilibria, economy(folder, "warm", guidance_fund__fee_rate=0.0))
    np.testing.assert_allclose(paid_in(view), invested(view), rtol=1e-9)


def test_sub_funds_are_of_the_roots_class(folder):
    """Those begun before the switch are the root's: another class would count their money twice."""
    root = economy(folder, "warm", guidance_fund__fee_rate=0.0)
    with pytest.raises(ScenarioError, match="sub_funds"):
        root.with_changes({"guidance_fund.sub_funds": "market"}, name="other")


def test_sub_funds_pay_for_the_cohort_what_the_class_does(folder, equilibria):
    root = economy(folder, "warm", guidance_fund__fee_rate=0.0)
    engine, _ = look(equilibria, root, root.with_changes(GIVE_UP, name="give-up"), paths=1)
    rows = root.clock.warm_up_years + root.clock.simulated_years // root.guidance_fund.vintages
    for path in range(12):
        for scenario in range(2):
            record = engine.record(path, scenario)
            by_sub_fund = record.sub_funds[:, :, COHORT_PAID].sum(axis=1)
            assert by_sub_fund.sum() == pytest.approx(record.ledger[PATIENT, :, INVESTED].sum())
            assert len(by_sub_fund) == rows


# --- cost --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contract", ["pari-passu", "give-up"])
def test_the_budget_is_the_present_value_of_all_instruments(folder, equilibria, contract):
    root = economy(folder, f"warm-{contract}", guidance_fund__contract=contract, guidance_fund__contract_share=0.7)
    engine, view = look(equilibria, root)
    present = view("present_value").sum(axis=-1)[0]
    is_tax = np.isin(engine.axes.instruments, (TAXES, COMPANY_TAX))
    displaced = root.accounts.displacement_share
    expected = present[:, ~is_tax].sum(axis=1) + (1.0 - displaced) * present[:, is_tax].sum(axis=1)
    np.testing.assert_allclose(view("budget_cost")[0], expected, rtol=1e-9)


def test_a_concession_costs_the_public_receipts_and_nothing_else(folder, equilibria):
    """The same market, told by the agreement alone: outlay is the same, receipts are less, private money gets them."""
    rigid = {"classes__market__supply_elasticity": 0.0, "classes__patient__supply_elasticity": 0.0}
    root = economy(folder, "rigid", **rigid)
    give_up = {"guidance_fund.contract": "give-up", "guidance_fund.contract_share": 1.0}
    _, view = look(equilibria, root, root.with_changes(give_up, name="give-up"))
    assert invested(view)[0].tobytes() == invested(view)[1].tobytes()
    for name in ("outlay", "private_invested"):
        np.testing.assert_allclose(view(name)[0], view(name)[1], rtol=1e-9)
    before, after = view("receipt").sum(axis=(-1, -2)).mean(axis=1)
    assert after < before
    before, after = view("budget_cost").mean(axis=1)
    assert after > before


def test_a_fund_of_funds_costs_the_public_its_fee_and_nobody_else_anything(folder, equilibria):
    """The same market and private flows; outlays are more by the fee, in the year in which it is due."""
    root = economy(folder, "cold-plain", clock__warm_up_years=0)
    charged = economy(folder, "cold-charged", clock__warm_up_years=0, guidance_fund__regional_fee_rate=0.02)
    (_, before), (engine, view) = look(equilibria, root), look(equilibria, charged)
    for name in ("invested", "private_invested", "receipt", "tax_received"):
        assert view(name).tobytes() == before(name).tobytes(), name
    more = np.zeros_like(view("outlay")[0].sum(axis=-2))
    for path in range(PATHS):
        flows, share = flows_of(engine, charged, path)
        first = 4 * charged.guidance_fund.vintages * np.arange(len(share))
        for k, begin in enumerate(first):
            due = share[k] * flows.public_fee[k, : 4 * more.shape[1] - begin]
            np.add.at(more[path], (begin + np.arange(len(due))) // 4, due)
    assert more.sum() > 0.0
    np.testing.assert_allclose((view("outlay") - before("outlay"))[0].sum(axis=-2), more, atol=1e-9)
    np.testing.assert_allclose((view("public_outlay") - before("public_outlay"))[0], more.sum(axis=1), atol=1e-9)
    for name in ("budget_cost", "economic_cost"):
        assert (view(name) >= before(name)).all()
        assert view(name).mean() > before(name).mean()


def test_losses_that_may_be_carried_further_bring_the_treasury_no_more(folder, equilibria):
    root = economy(folder, "taxed", tax__super_deduction_share=0.0, guidance_fund__sub_funds="none")
    _, view = look(equilibria, root, root.with_changes({"tax.carry_forward_years": 20}, name="longer"))
    shorter, longer = view("tax_received").sum(axis=(-1, -2)).mean(axis=1)
    assert longer <= shorter
