"""Rules that a class's vehicles have of their own, in the whole engine: each moves what it should."""

from __future__ import annotations

import numpy as np
import pytest

from finance.market.bids import accountability_charge
from finance.market.records import BY_SECONDARY
from finance.policy.sub_funds import EARLY_PAID, PAID
from finance.running.equilibria import Equilibria
from tests.lever_economy import PATIENT, economy, engine_of

pytestmark = pytest.mark.slow

PATHS = 96


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("vehicles")


@pytest.fixture(scope="module")
def equilibria(folder):
    return Equilibria(workers=2, folder=folder / "equilibria", pilot_paths=64)


@pytest.fixture(scope="module")
def base(folder):
    return economy(folder, "small")


@pytest.fixture(scope="module")
def engines(equilibria, base):
    """Engine of the base and of changes beside it, on the same luck."""

    def made(changes):
        return engine_of(equilibria.solved(base), equilibria.solved(base.with_changes(changes, name="changed")))

    return made


def means(engine, name):
    """Means over paths, (scenario, …)."""
    vectors = engine.path_vectors(0, PATHS)
    return engine.layout.view(vectors, name).mean(axis=1)


# --- stage floors that bind ---


def test_a_floor_that_binds_moves_money_to_its_stage(equilibria, base):
    """Nine tenths are kept for seed. Where that binds, more of what is paid goes there and more money lies idle."""
    kept = base.with_changes({"classes.patient.stage_budgets": {"seed": 0.9, "pilot": 0.0}}, name="kept")
    binds = kept.with_changes({"classes.patient.budgets_bind": True}, name="binds")
    engine = engine_of(*map(equilibria.solved, (kept, binds)))
    share = [early_share(engine, scenario) for scenario in range(2)]
    assert share[1] > share[0]
    unused = means(engine, "capacity_unused").sum(axis=-1)
    assert unused[1, PATIENT] > unused[0, PATIENT]


def early_share(engine, scenario):
    """Share of what sub-funds pay that goes to seed stages, bridges included."""
    paid = sum(engine.record(path, scenario).sub_funds[..., [EARLY_PAID, PAID]].sum(axis=(0, 1)) for path in range(24))
    return paid[0] / paid[1]


# --- extensions ---

EXTENDED = {"classes.market.extension_years": 4.0, "classes.patient.extension_years": 2.0}
AGREED = {"classes.market.extension_probability": 1.0, "classes.patient.extension_probability": 1.0}


def test_fewer_stakes_are_sold_by_force_where_partners_agree(equilibria, base):
    """Market funds that live for a year behind their investment period have stakes to sell."""
    short = base.with_changes({"classes.market.life_years": 5.0, "classes.market.extension_years": 4.0}, name="short")
    asked = [
        short.with_changes({"classes.market.extension_probability": p}, name=f"p{100 * p:.0f}") for p in (0.4, 1.0)
    ]
    engine = engine_of(*map(equilibria.solved, (short, *asked)))
    sold = [sum(engine.record(path, s).flows[:, BY_SECONDARY].sum() for path in range(PATHS)) for s in range(3)]
    assert sold[2] < 0.9 * sold[0]
    assert sold[2] < sold[1] < sold[0]


# --- tolerance of a class's own ---

#: Patient funds with little room for losses.
STRICT = {f"tolerance.fund_loss_limit.{name}": 0.1 for name in ("seed", "venture", "later")} | {
    "tolerance.first_audited_deal": 2,
    "tolerance.penalty": 1.0,
}


def believed(solved):
    """Mean over pilots of the odds that patient funds are found above a limit, and of the charge on their bids."""
    terms = solved.prepared.setting.terms
    above = np.mean([solution.beliefs.above_limit for solution in solved.solutions], axis=0)
    return above[PATIENT], accountability_charge(terms, above)[PATIENT]


def test_a_reserve_lowers_the_odds_to_be_above_a_limit_and_with_them_the_charge(equilibria, base):
    strict = base.with_changes(STRICT, name="strict")
    found = [
        believed(equilibria.solved(strict.with_changes({"classes.patient.reserve_share": share}, name="reserve")))
        for share in (0.0, 0.05, 0.5)
    ]
    above, charge = zip(*found, strict=True)
    assert above[0] > above[1] > above[2]
    assert charge[0] > charge[1] > charge[2]


def fresh_bids(era):
    """Sum of what fresh patient funds bid, over stages and signals."""
    fund = era.classes[PATIENT]
    return era.bid[..., fund["first_column"] + fund["life_quarters"]].sum()


def test_where_a_class_is_always_honoured_it_bears_no_charge_and_bids_more(equilibria, base):
    strict = base.with_changes(STRICT, name="strict")
    sure = strict.with_changes({"classes.patient.honoured": 1.0}, name="sure")
    before, after = (equilibria.solved(one) for one in (strict, sure))
    assert believed(before)[1] > 0.0 == believed(after)[1]
    bids = [np.mean([fresh_bids(solution.era) for solution in solved.solutions]) for solved in (before, after)]
    uncharged = [np.mean([s.era.uncharged[PATIENT].max() for s in solved.solutions]) for solved in (before, after)]
    assert uncharged[0] > 1.0 == uncharged[1]
    assert bids[1] > bids[0]


# --- nothing is the baseline ---


@pytest.mark.parametrize(
    "changes",
    [
        {"classes.market.budgets_bind": True},
        EXTENDED,
        AGREED,
        {"classes.market.honoured": 1.0, "classes.market.reserve_share": 1.0},
        {"classes.patient.honoured": 0.5},
    ],
    ids=[
        "a floor of nothing",
        "extensions to which nobody agrees",
        "extensions by nothing",
        "tolerance of private money",
        "as it is for all",
    ],
)
def test_a_rule_without_an_amount_is_the_baseline_to_the_bit(engines, changes):
    vectors = engines(changes).path_vectors(0, 24)
    assert vectors[0].any()
    assert vectors[0].tobytes() == vectors[1].tobytes()


TOLERATED = {
    "classes.patient.budgets_bind": True,
    "classes.patient.honoured": 1.0,
    "classes.patient.reserve_share": 0.2,
}


def test_dose_nothing_of_a_class_is_the_baseline_to_the_bit(equilibria, base):
    strong = base.with_changes(EXTENDED | AGREED | TOLERATED, name="strong")
    none = strong.with_dose({"classes": 0.0})
    assert none.digest == base.digest
    vectors = engine_of(*map(equilibria.solved, (base, none))).path_vectors(0, 16)
    assert vectors[0].tobytes() == vectors[1].tobytes()
