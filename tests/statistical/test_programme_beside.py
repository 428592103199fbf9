"""A programme with sub-funds of its own: the standing one goes on, and money is accounted for once."""

from __future__ import annotations

import numpy as np
import pytest

from finance.market.records import DISTRIBUTED, END_VALUE, INVESTED
from finance.market.returns import at_home
from finance.policy.commitments import supply
from finance.policy.sub_funds import RECEIVED
from finance.running.equilibria import Equilibria
from tests.lever_economy import MARKET, OFFER, OFFERED, PATIENT, economy, engine_of

pytestmark = pytest.mark.slow

PATHS = 96
#: Private money of the new class a year, in the economy of a path, at the standing programme's returns.
BROUGHT = 300.0
OWN = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("beside")


@pytest.fixture(scope="module")
def equilibria(folder):
    return Equilibria(workers=2, folder=folder / "equilibria", pilot_paths=64)


@pytest.fixture(scope="module")
def base(folder):
    return economy(folder, "standing", guidance_fund__fee_rate=0.02, guidance_fund__carry_share=0.2)


def beside(base, capacity=BROUGHT, **more):
    """The base with a class of sub-funds alike, whose money is what a new programme offers and brings."""
    own = base.document()["classes"]["patient"] | {"capacity": capacity, "public_share": 0.0}
    changes = {"classes.programme": own, "guidance_fund.sub_funds": "programme"}
    return base.with_changes(changes | {key.replace("__", "."): value for key, value in more.items()}, name="beside")


@pytest.fixture(scope="module")
def solved(equilibria, base):
    return {
        "base": equilibria.solved(base),
        "empty": equilibria.solved(beside(base, 0.0)),
        "offer": equilibria.solved(beside(base, **OFFER)),
        "diverted": equilibria.solved(beside(base, **OFFER, guidance_fund__diverted_share=1.0)),
    }


@pytest.fixture(scope="module")
def engine(solved):
    return engine_of(*solved.values())


@pytest.fixture(scope="module")
def vectors(engine):
    return engine.path_vectors(0, PATHS)


def test_a_class_without_money_is_the_baseline_to_the_bit(engine, vectors):
    for component in engine.layout.components:
        if not component.name.startswith("tier_"):  # what there is of a programme that has nothing
            known, own = (engine.layout.view(vectors, component.name)[s] for s in (0, 1))
            assert np.array_equal(known, own), component.name
    assert engine.axes.classes == ("market", "patient", "programme")


def test_the_standing_programme_keeps_its_terms_whatever_the_new_one_has(base):
    new = beside(base, **OFFER, guidance_fund__contract="grant", guidance_fund__fee_rate=0.01)
    assert new.programme_beside() is base
    assert new.classes["patient"] == base.classes["patient"]


def test_a_reference_has_nothing_beside_its_own(base):
    own = beside(base).with_changes({}, name="calibration", reference=True)
    assert own.programme_beside() is None


def test_public_money_waits_for_the_new_partners(solved):
    for solution in solved["offer"].solutions:
        private, capacity = solution.committed.private[OWN], solution.committed.capacity[OWN]
        assert capacity - private == pytest.approx(min(OFFERED, private))  # at a cap of one half
        assert solution.committed.tiers[-1].total == capacity
    partners = [solution.committed.private[OWN] for solution in solved["offer"].solutions]
    assert np.mean(partners) == pytest.approx(BROUGHT, rel=0.5), "at the standing returns they bring what is stated"


def test_all_that_new_partners_bring_is_diverted(solved):
    """Not what they bring beyond what is stated: in the baseline there are none."""
    for name, share in (("offer", 0.5), ("diverted", 1.0)):
        terms = solved[name].prepared.setting.terms
        for solution, root in zip(solved[name].solutions, solved[name].root_solutions, strict=True):
            gain = solution.beliefs.net_return[[MARKET]] - root.beliefs.net_return[[MARKET]]
            offered = terms.capacity[MARKET] * supply(terms.supply_elasticity[[MARKET]], gain)[0]
            left = offered - share * solution.committed.private[OWN]
            assert solution.committed.capacity[MARKET] == pytest.approx(max(left, terms.capacity[MARKET] / 3.0))


def test_new_partners_compare_with_the_standing_ones(solved):
    terms = solved["offer"].prepared.setting.terms
    home = np.array([0.01, 0.03, np.nan])
    assert at_home(terms, home).tolist() == [0.01, 0.03, 0.03]
    assert at_home(solved["base"].prepared.setting.terms, home[:2]).tolist() == [0.01, 0.03]


def test_each_programme_has_its_own_account_and_every_yuan_is_in_one(engine, solved, vectors):
    """Cash of classes is what ventures got; the public's outlays of either class are its share of that, and the fee."""
    instruments = engine.axes.classes
    outlay = engine.layout.view(vectors, "outlay")[2].sum(axis=-1)  # (path, instrument)
    invested = engine.layout.view(vectors, "paid_in")[2]
    for name in ("patient", "programme"):
        place = instruments.index(name)
        assert (outlay[:, place] >= 0.0).all()
        shares = [solution.committed.public_share[place] for solution in solved["offer"].solutions]
        for path in range(PATHS):
            bare = shares[path % 4] * invested[path, place]
            assert bare - 1e-9 <= outlay[path, place] <= 1.5 * bare + 1e-9, "the fee is on top"
    assert outlay[:, instruments.index("programme")].sum() > 0.0


def test_money_is_conserved_with_two_programmes(engine):
    for path in range(8):
        record = engine.record(path, 2)
        assert record.ledger[..., INVESTED].sum() == pytest.approx(
            record.supplied.sum() + record.bridge.sum(), rel=1e-12
        )
        received = record.ledger[[PATIENT, OWN]][..., [DISTRIBUTED, END_VALUE]].sum()
        assert 0.0 < received <= record.sub_funds[..., RECEIVED].sum() + 1e-6, "other ventures are in the accounts too"


def test_scalars_are_the_sums_of_the_instruments(engine, vectors):
    outlay = engine.layout.view(vectors, "outlay")[2].sum(axis=(-2, -1))
    assert np.allclose(outlay, engine.layout.view(vectors, "public_outlay")[2].reshape(PATHS), rtol=1e-12)
