"""Rules of managers of public money: cover, noise of their own, idle money, duties; each worked by hand."""

import numpy as np
import pytest

from finance.market.beliefs import empty_counts
from finance.market.bids import ClassBids, bid_by_life, investors_of
from finance.market.grids import QUALITY, SIGNAL, normal_masses, posterior
from finance.market.laws import stage_laws
from finance.market.returns import managers_see
from finance.market.sight import eased, share_that_bids, sights_at
from finance.market.terms import Names
from finance.policy import contracts
from finance.policy.commitments import Programme, commitments
from finance.policy.managers import added_noise, covered_share, idle_share, reserved_share, with_duties
from finance.policy.sub_funds import (
    COST_ENDED,
    N_ACCOUNTS,
    PAID,
    PUNISHED,
    RECEIVED,
    Agreement,
    clawed_back,
    partner_flows,
)
from tests.readable.cases import plain_terms

NOBODY = Programme(-1, -1, 0.0, 0.0, 1.0, 0.5, 0.5)


# --- cover ---


@pytest.mark.parametrize(
    ("contract", "covered"),
    [
        (contracts.PariPassu(), 0.0),
        (contracts.LossGuarantee(0.75), 0.75),
        (contracts.LossGuarantee(0.0), 0.0),
        # Half of the fund is lost: of private partners' .3 a first loss of a tenth of all capital spares them .06.
        (contracts.FirstLoss(0.1), 0.2),
        # A first loss passes on at most what the public receives: .2 of .3.
        (contracts.FirstLoss(1.0), 2.0 / 3.0),
        # All of the .5 that comes back is theirs, where .3 would have been: .2 of .3.
        (contracts.Grant(), 2.0 / 3.0),
        (contracts.PrivatePriority(0.07), 2.0 / 3.0),
        # Terms on profit cover no loss, and a public that comes first covers less than none.
        (contracts.ExcessGiveUp(1.0), 0.0),
        (contracts.BuyOutOption(0.05, 5.0), 0.0),
        (contracts.CappedPublicReturn(0.03, 0.2), 0.0),
        (contracts.SeniorDebt(0.05), 0.0),
    ],
)
def test_the_share_of_a_loss_that_the_public_bears(contract, covered):
    assert covered_share(contract, 0.4) == pytest.approx(covered, abs=1e-12)


def test_a_guarantee_covers_the_same_whatever_public_money_is_there():
    for share in (0.0, 0.3, 0.9):
        assert covered_share(contracts.LossGuarantee(0.75), share) == pytest.approx(0.75)
    assert covered_share(contracts.LossGuarantee(0.75), 1.0) == 0.0, "there is no partner to cover"


def test_the_noise_of_a_covered_manager_is_so_much_more_than_the_signals():
    """With .3 and a cover of .75 it is 1.225 times the signal's: the signal's own, and .7075 of it beside."""
    assert added_noise(0.3, 0.75) == pytest.approx(np.sqrt(1.225**2 - 1.0))
    assert added_noise(0.3, 0.0) == added_noise(0.0, 1.0) == 0.0


# --- deployment ---


def test_the_idle_share_is_what_was_called_and_not_spent():
    called, spent = np.array([100.0, 50.0, 0.0]), np.array([20.0, 60.0, 5.0])
    assert idle_share(called, spent) == pytest.approx([0.8, 0.0, 0.0])


def test_only_managers_of_public_money_ease_their_return():
    terms = plain_terms(n_classes=3, public_share=np.array([0.0, 0.4, 0.0]), deployment_points=0.02)
    assert eased(terms, np.array([0.9, 0.5, 0.5])) == pytest.approx([0.0, 0.01, 0.0])
    placed = terms._replace(sub_fund_class=2, programme=NOBODY._replace(central=1.0))
    assert eased(placed, np.array([0.9, 0.5, 0.5])) == pytest.approx([0.0, 0.01, 0.01])


def test_an_eased_return_is_a_higher_quarterly_factor():
    terms = plain_terms(n_classes=2, required_return=np.array([0.09, 0.09]))
    stated, lower = investors_of(terms, np.array([0.0, 0.01]))
    assert stated.factor == 1.09**-0.25
    assert lower.factor == pytest.approx(1.08**-0.25)


# --- direction ---


def test_what_a_duty_reserves():
    assert reserved_share(1.5, 0.4, 0.5) == pytest.approx(0.3)
    assert reserved_share(3.0, 0.5, 0.8) == pytest.approx(0.8), "no more than there is"
    assert reserved_share(1.5, 0.4, 0.0) == reserved_share(0.0, 0.4, 1.0) == 0.0


def test_a_duty_takes_money_from_its_class_and_from_nowhere_else():
    capacity, public = np.array([100.0, 200.0, 0.0]), np.array([0.0, 0.4, 0.4])
    nothing = np.zeros(3)
    whole = commitments(capacity, public, nothing, nothing, NOBODY)
    divided = with_duties(whole, np.array([0, 1, 1]), 1.5, 0.5)
    assert divided.capacity == pytest.approx([100.0, 140.0, 60.0])
    assert divided.private == pytest.approx([100.0, 84.0, 36.0])
    assert divided.public_share == pytest.approx([0.0, 0.4, 0.4])
    assert with_duties(whole, np.array([0, 1, 2]), 1.5, 0.5) is whole


def test_a_manager_is_audited_and_idle_with_both_of_its_vehicles():
    counts = empty_counts(Names(("s",), ("i",), ("a", "b", "b@duty")))
    counts = counts._replace(
        audits=np.array([1.0, 4.0, 6.0]), audits_above=np.array([1.0, 1.0, 4.0]),
        called=np.array([9.0, 10.0, 30.0]), spent=np.array([1.0, 8.0, 2.0]),
    )  # fmt: skip
    terms = plain_terms(n_classes=3, owner=np.array([0, 1, 1]), public_share=np.array([0.0, 0.5, 0.5]))
    seen = managers_see(counts, terms)
    assert seen.audits.tolist() == [1.0, 10.0, 10.0]
    assert seen.audits_above.tolist() == [1.0, 5.0, 5.0]
    assert not seen.called.any(), "idle money does not count"
    seen = managers_see(counts, terms._replace(deployment_points=0.01))
    assert seen.called.tolist() == [0.0, 40.0, 40.0]
    assert seen.spent.tolist() == [0.0, 10.0, 10.0]


# --- claw-back ---


def test_carry_since_a_punishment_goes_to_the_partners():
    """Four columns a year; punished in the second quarter of year 2, for two years: columns 5 to 12."""
    carry, punished = np.ones(16), np.zeros(16)
    punished[5] = 1.0
    agreed = Agreement(0.0, 0.2, 0.0, contracts.PariPassu(), 0.0, clawback_share=0.6, clawback_years=2)
    expected = np.where((np.arange(16) >= 5) & (np.arange(16) < 13), 0.6, 0.0)
    assert clawed_back(carry, punished, agreed) == pytest.approx(expected)
    assert clawed_back(carry, punished, agreed._replace(clawback_share=0.0)) is None
    assert clawed_back(carry, punished, agreed._replace(clawback_years=9))[5:] == pytest.approx(0.6)


@pytest.mark.parametrize("contract", [contracts.PariPassu(), contracts.LossGuarantee(0.75), contracts.Grant()])
def test_what_is_clawed_back_is_the_partners_and_nothing_is_lost(contract):
    """100 bring 200: a carry of 20 in the last quarter, of which half is clawed back."""
    accounts = np.zeros((9, N_ACCOUNTS))
    accounts[0, PAID], accounts[8, [RECEIVED, COST_ENDED]] = 100.0, (200.0, 100.0)
    agreed = Agreement(0.0, 0.2, 0.0, contract, 0.0, clawback_share=0.5, clawback_years=3)
    kept = partner_flows(accounts, 0.4, agreed)
    accounts[4, PUNISHED] = 1.0
    clawed = partner_flows(accounts, 0.4, agreed)
    assert kept.carry.sum() == pytest.approx(20.0)
    assert clawed.carry.sum() == pytest.approx(10.0)
    for flows in (kept, clawed):
        received = flows.public_received + flows.private_received + flows.carry
        assert received == pytest.approx(accounts[:, RECEIVED])
    assert clawed.private_received.sum() > kept.private_received.sum()


# --- sight ---


NOISE = 0.8


def sights(noise, pool, owner=(0, 1)):
    terms = plain_terms(n_classes=2, signal_sd=np.full((1, 1), NOISE), owner=np.array(owner))
    terms = terms._replace(added_noise=np.array([0.0, noise]))
    return sights_at(terms, stage_laws(terms, 0)[0], NOISE, pool)


def test_who_sees_the_common_signal_has_no_sight_of_its_own():
    assert sights(0.0, normal_masses(0.0, 1.0)) == {}


def test_a_covered_manager_knows_of_the_signal_what_normal_theory_says():
    """Signal variance 1.64 in the pool, own noise τ²: the mean of the signal is 1.64 ÷ (1.64 + τ²) of what is seen."""
    sight = sights(0.7, normal_masses(0.0, 1.0))[1]
    tau, variance = 0.7 * NOISE, 1.0 + NOISE**2
    middle = np.abs(SIGNAL) < 2.5
    assert sight.sum(axis=1) == pytest.approx(1.0)
    assert (sight @ SIGNAL)[middle] == pytest.approx((variance / (variance + tau**2) * SIGNAL)[middle], abs=2e-3)


def test_a_duty_knows_the_pool_and_nothing_else():
    pool = normal_masses(-1.0, 1.0)
    sight = sights(0.0, pool, owner=(0, 0))[1]
    assert (sight == sight[0]).all()
    assert (sight @ SIGNAL)[0] == pytest.approx(-1.0, abs=1e-3)


def test_little_noise_is_nearly_no_noise():
    sight = sights(1e-3, normal_masses(0.0, 1.0))[1]
    assert sight == pytest.approx(np.eye(len(SIGNAL)))


def test_bids_are_worth_the_same_on_average_whatever_a_manager_sees():
    """Noise moves bids between ventures, not their mean over the pool, as long as bids are the plain mean of values."""
    terms = plain_terms(n_classes=2, signal_sd=np.full((1, 1), NOISE), added_noise=np.array([0.0, 0.7]))
    law, pool = stage_laws(terms, 0)[0], normal_masses(0.0, 1.0)
    sight = sights_at(terms, law, NOISE, pool)[1]
    value = np.exp(0.5 * QUALITY)[:, None, None] * np.ones((1, len(SIGNAL), 1))
    shared = ClassBids(None, None, np.zeros(len(QUALITY)), posterior(law.likelihood, pool))
    investor = investors_of(terms, np.zeros(2))[0]._replace(nodes=0)
    terms = terms._replace(preference_multiple=0.0)
    plain, noisy = (bid_by_life(value, shared, [], terms, investor, 0.0, 0, view)[:, 0] for view in (None, sight))
    common = pool @ law.signal_weights
    step = SIGNAL[1] - SIGNAL[0]
    spread = np.exp(-0.5 * ((SIGNAL[:, None] - SIGNAL) / (0.7 * NOISE)) ** 2)
    seen = spread @ common * step / (0.7 * NOISE * np.sqrt(2.0 * np.pi))
    assert seen @ noisy == pytest.approx(common @ plain, rel=1e-3)
    assert noisy[SIGNAL > 2.0].max() < plain[SIGNAL > 2.0].max()


def test_a_covered_manager_wants_ventures_by_what_it_sees():
    """A bid that reaches the floor from a seen signal of 1 on: half of those whose common signal is 1 look so."""
    share = share_that_bids(0.5, SIGNAL - 1.0)
    assert share[np.isclose(SIGNAL, 1.05)] == pytest.approx(0.54, abs=0.01)
    assert share[SIGNAL < -1.5] == pytest.approx(0.0, abs=1e-5)
    assert share[SIGNAL > 3.5] == pytest.approx(1.0, abs=1e-5)
