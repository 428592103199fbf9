"""Managers of public money in the whole engine: a zero is no change, each channel moves what it should, money adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from finance.market.marks import DUTY_MARK
from finance.market.records import CALLED, INVESTED, SOURCES, SPENT, USES
from finance.running.equilibria import Equilibria
from finance.study.compare import compare
from tests.lever_economy import OFFER, PATIENT, economy, engine_of

pytestmark = pytest.mark.slow

PATHS = 96
#: Supply does not answer, so that what a channel does is not mixed with who comes or goes.
RIGID = {"classes__market__supply_elasticity": 0.0, "classes__patient__supply_elasticity": 0.0}
GUARANTEE = {"guidance_fund.contract": "guarantee", "guidance_fund.contract_share": 1.0}
DUTY = {
    "guidance_fund.reinvestment_multiple": 2.0,
    "guidance_fund.local_share": 0.5,
    "guidance_fund.direction_share": 1.0,
}
DEPLOYMENT = {"managers.deployment_points": 0.02}
COVER = {"managers.cover_noise": 0.5, **GUARANTEE}
ALL_ON = {**OFFER, **COVER, **DUTY, **DEPLOYMENT}
#: A class of its own, behind the two of the economy.
RESERVED = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("managers")


@pytest.fixture(scope="module")
def equilibria(folder):
    return Equilibria(workers=2, folder=folder / "equilibria", pilot_paths=64)


@pytest.fixture(scope="module")
def base(folder):
    return economy(folder, "rigid", **RIGID)


@pytest.fixture(scope="module")
def solve(equilibria, base):
    """Solve the base with changes; each only once."""
    kept = {}

    def solved(changes):
        key = repr(sorted(changes.items()))
        if key not in kept:
            kept[key] = equilibria.solved(base.with_changes(changes, name="changed") if changes else base)
        return kept[key]

    return solved


@pytest.fixture(scope="module")
def seen(solve):
    """Vectors of some changes beside the base's, on the same luck: view(name) → (base, changed), each (path, …)."""
    kept = {}

    def look(changes):
        key = repr(sorted(changes.items()))
        if key not in kept:
            engine = engine_of(solve({}), solve(changes))
            kept[key] = engine, engine.path_vectors(0, PATHS)
        engine, vectors = kept[key]
        return lambda name: engine.layout.view(vectors, name)

    return look


def bids(solved):
    """Bids by (pilot, sector, stage, signal, column)."""
    return np.array([solution.era.bid for solution in solved.solutions])


# --- a zero is no change -----------------------------------------------------------------------------------------------


NO_AMOUNT = {
    "a duty that would be met anyhow": DUTY | {"guidance_fund.direction_share": 0.0},
    "a duty of nothing": DUTY | {"guidance_fund.reinvestment_multiple": 0.0},
    "managers who look less where nothing is covered": {"managers.cover_noise": 0.5},
    "a guarantee of nothing": COVER | {"guidance_fund.contract_share": 0.0},
    "a concession that covers no loss": {"managers.cover_noise": 0.5, "guidance_fund.contract": "give-up"},
}


@pytest.mark.parametrize("what", NO_AMOUNT)
def test_what_has_no_amount_is_the_baseline_to_the_bit(equilibria, base, what):
    engine = engine_of(equilibria.solved(base), equilibria.solved(base.with_changes(NO_AMOUNT[what], name="none")))
    vectors = engine.path_vectors(0, 16)
    assert vectors[0].any()
    assert vectors[0].tobytes() == vectors[1].tobytes()


@pytest.mark.parametrize(("lever", "changes"), [("managers", DEPLOYMENT), ("guidance_fund", DUTY | GUARANTEE)])
def test_dose_nothing_is_the_baseline_to_the_bit(equilibria, base, lever, changes):
    none = base.with_changes(changes, name="strong").with_dose({lever: 0.0})
    engine = engine_of(equilibria.solved(base), equilibria.solved(none))
    vectors = engine.path_vectors(0, 16)
    assert vectors[0].tobytes() == vectors[1].tobytes()


def test_idle_money_of_private_funds_eases_nothing(folder, equilibria):
    """Without public money there is nobody whom idle money could press."""
    private = economy(folder, "private", classes__patient__public_share=0.0)
    pressed = private.with_changes(DEPLOYMENT, name="pressed")
    vectors = engine_of(equilibria.solved(private), equilibria.solved(pressed)).path_vectors(0, 16)
    assert vectors[0].tobytes() == vectors[1].tobytes()


# --- each channel moves what it should ---------------------------------------------------------------------------------


def test_idle_money_lowers_the_hurdle_and_is_less_idle_for_it(folder, equilibria):
    """A class that asks for so much that its money lies idle; pressed to place it, it bids more and places more."""
    picky = economy(folder, "picky", classes__patient__return_premium=0.05, **RIGID)
    stated, pressed = equilibria.solved(picky), equilibria.solved(picky.with_changes(DEPLOYMENT, name="pressed"))
    idle = np.array([solution.beliefs.idle for solution in pressed.solutions])
    assert (idle[:, PATIENT] > 0.05).all()
    assert not idle[:, 1 - PATIENT].any(), "of market funds nothing is counted"
    columns = slice(int(stated.solutions[0].era.classes[PATIENT]["first_column"]), None)
    before, after = (bids(each)[..., columns].sum() for each in (stated, pressed))
    assert after > before
    engine = engine_of(stated, pressed)
    deployed = np.array([[engine.record(path, scenario).deployed for path in range(32)] for scenario in range(2)])
    before, after = deployed[:, :, PATIENT, SPENT].sum(axis=1) / deployed[:, :, PATIENT, CALLED].sum(axis=1)
    assert after > before + 0.005


def test_cover_blurs_the_choice(solve, seen):
    """With all of the loss covered the manager's noise is half as much again: more is put into what is not worth it."""
    share = {}
    for name, changes in (("sharp", GUARANTEE), ("blurred", COVER)):
        over, supplied = (seen(changes)(each)[1, :, -1].mean() for each in ("overinvestment", "supplied"))
        share[name] = over / (over + supplied)
    assert share["blurred"] > share["sharp"]
    noise = [solution.era.classes["added_noise"] for solution in solve(COVER).solutions]
    assert np.array(noise) == pytest.approx(np.array([[0.0, np.sqrt(1.5**2 - 1.0)]] * len(noise)))


def test_a_duty_invests_where_the_signal_says_no(seen):
    view = seen(DUTY)
    over, supplied = view("overinvestment")[:, :, -1].mean(axis=1), view("supplied")[:, :, -1].mean(axis=1)
    share = over / (over + supplied)
    assert share[1] > share[0] + 0.02


@pytest.mark.parametrize("part", [0.25, 1.0])
def test_the_more_of_a_duty_is_not_met_anyhow_the_more_is_reserved(solve, part):
    solved = solve(DUTY | {"guidance_fund.direction_share": part})
    for solution in solved.solutions:
        free, reserved = solution.committed.capacity[[PATIENT, RESERVED]]
        assert free + reserved == pytest.approx(500.0)
        assert reserved == pytest.approx(500.0 * 2.0 * 0.3 * part)


# --- all adds up -------------------------------------------------------------------------------------------------------


def test_money_adds_up_in_every_quarter_of_every_path(solve):
    engine = engine_of(solve({}), solve(ALL_ON))
    for path in range(24):
        flows = engine.record(path, 1).flows
        sources, uses = flows[:, list(SOURCES)].sum(axis=1), flows[:, list(USES)].sum(axis=1)
        assert (sources > 0.0).any()
        assert (np.abs(sources - uses) <= 1e-9 * np.maximum(1.0, sources)).all()


def test_a_class_calls_with_its_duty_what_it_calls_without(solve):
    """Nothing is offered and supply is rigid: the duty divides what was there."""
    engine = engine_of(solve({}), solve(DUTY))
    for path in range(12):
        plain, divided = (engine.record(path, scenario).deployed for scenario in range(2))
        assert divided[[PATIENT, RESERVED], CALLED].sum() == pytest.approx(plain[PATIENT, CALLED])
        assert divided[RESERVED, SPENT] > 0.0


def test_tables_show_a_class_and_its_duty_as_one(solve):
    solved = solve(ALL_ON)
    engine = engine_of(solve({}), solved)
    assert not any(name.endswith(DUTY_MARK) for name in (*engine.axes.classes, *engine.axes.instruments))
    assert solved.prepared.setting.names.classes[RESERVED] == f"patient{DUTY_MARK}"
    vectors = engine.path_vectors(0, 8)
    switch = solved.prepared.setting.terms.switch_quarter
    for path in range(8):
        invested = engine.record(path, 1).ledger[:, switch:, INVESTED].sum(axis=1)
        shown = engine.layout.view(vectors, "invested")[1, path].sum(axis=-1)
        assert shown[PATIENT] == pytest.approx(invested[[PATIENT, RESERVED]].sum())
    for name, field in (("committed", "capacity"), ("committed_private", "private")):
        amounts = getattr(solved.solutions[0].committed, field)
        shown = engine.layout.view(vectors, name)[1, 0]
        assert shown[PATIENT] == pytest.approx(amounts[[PATIENT, RESERVED]].sum())


def test_public_and_private_partners_pay_for_what_a_duty_buys(solve):
    """Of sub-funds the public side is worked out on all they hold, and what a duty buys is theirs."""
    engine = engine_of(solve({}), solve(ALL_ON))
    for path in range(8):
        record = engine.record(path, 1)
        spent = record.ledger[[PATIENT, RESERVED], :, INVESTED].sum()
        assert record.sub_funds[:, :, 3].sum() == pytest.approx(spent), "cohort's part of what sub-funds paid"


@pytest.mark.parametrize(("workers", "block_paths"), [(2, 64), (1, 128)])
def test_workers_and_blocks_change_no_bit(base, workers, block_paths):
    scenarios = [base, base.with_changes(ALL_ON, name="all-on")]
    once = compare(scenarios, paths=192, workers=1, block_paths=64)
    again = compare(scenarios, paths=192, workers=workers, block_paths=block_paths)
    for name, table in once.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, check_exact=True)
