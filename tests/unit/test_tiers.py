"""Chains of funds: what they gather, and how flows go up through them."""

import math

import numpy as np
import pytest

from finance.policy import commitments, contracts
from finance.policy.tiers import FundTier, accounting_leverage, commit_down, multiplied, pass_up

# --- commitments -----------------------------------------------------------------------------------------------


def test_each_tier_waits_for_others():
    # Central 100 beside 30 of a region at two thirds: 60. These 90 beside 150 at 40 %: all; beside 60: 40.
    regional, sub_fund = commit_down(100.0, [30.0, 150.0], [2 / 3, 0.4])
    assert (regional.from_above, regional.total, regional.unspent) == pytest.approx((60.0, 90.0, 40.0))
    assert (sub_fund.from_above, sub_fund.total, sub_fund.unspent) == pytest.approx((90.0, 240.0, 0.0))
    _, short = commit_down(100.0, [30.0, 60.0], [2 / 3, 0.4])
    assert (short.from_above, short.total, short.unspent) == pytest.approx((40.0, 100.0, 50.0))


def test_no_tier_has_more_from_above_than_its_cap_and_money_is_conserved():
    generator = np.random.default_rng(7)
    offered, others = 100.0 * generator.random((500, 1)), 100.0 * generator.random((3, 1, 40))
    caps = [0.7, 0.5, 0.3]
    tiers = commit_down(offered, list(others), caps)
    offer = np.broadcast_to(offered, (500, 40))
    for tier, cap in zip(tiers, caps, strict=True):
        np.testing.assert_allclose(tier.from_above + tier.unspent, offer, rtol=1e-14)
        assert np.all(tier.from_above <= cap * tier.total + 1e-12)
        is_bound = tier.unspent > 1e-9
        np.testing.assert_allclose(tier.from_above[is_bound], (cap * tier.total)[is_bound], rtol=1e-12)
        offer = tier.total
    more = commit_down(offered, [money + 1.0 for money in others], caps)
    assert all(np.all(after.from_above >= before.from_above) for before, after in zip(tiers, more, strict=True))


def test_a_cap_of_one_waits_for_nobody_and_of_none_takes_nothing():
    assert commit_down(10.0, [0.0], [1.0])[0].from_above == 10.0
    assert commit_down(10.0, [5.0], [0.0])[0].unspent == 10.0


def test_regional_tier_is_that_of_the_engines_commitments():
    programme = commitments.Programme(-1, -1, 100.0, 30.0, 0.67, 0.4, 0.5)
    expected = commitments._regional(programme)
    (tier,) = commit_down(100.0, [30.0], [0.67])
    assert (tier.total, tier.from_above, tier.unspent) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((1.0, [], []), "at least one tier"),
        ((1.0, [1.0], [0.5, 0.5]), "1 tiers and 2 caps"),
        ((1.0, [1.0], [40]), "share_caps: a share"),
        ((-1.0, [1.0], [0.4]), "offered: amounts are positive"),
        ((1.0, [math.nan], [0.4]), r"others\[0\]: every amount must be a finite number"),
    ],
)
def test_wrong_chains_are_explained(arguments, says):
    with pytest.raises(ValueError, match=says):
        commit_down(*arguments)


def test_leverage_without_public_money_has_no_end():
    assert accounting_leverage([0.0, 0.4]) == math.inf
    assert accounting_leverage([]) == 1.0
    with pytest.raises(ValueError, match="public_shares: a share"):
        accounting_leverage([40])


def test_a_cascade_refuses_what_is_no_row():
    with pytest.raises(ValueError, match="sources"):
        multiplied([[1.0], [2.0]], [3.0])
    with pytest.raises(ValueError, match="multiples"):
        multiplied([1.0], [-3.0])


# --- flows -------------------------------------------------------------------------------------------------------

PAID_IN, DISTRIBUTIONS = [100.0, 0.0, 0.0], [0.0, 50.0, 190.0]


def test_flows_of_three_tiers_worked_by_hand():
    tiers = [
        FundTier("sub-fund", 0.4),
        FundTier("regional", 0.5, contracts.ExcessGiveUp(1.0)),
        FundTier("national", 0.8),
    ]
    sub_fund, regional, national = pass_up(PAID_IN, DISTRIBUTIONS, tiers)
    np.testing.assert_allclose(sub_fund.public_received, [0.0, 20.0, 76.0])
    np.testing.assert_allclose(regional.public_paid_in, [20.0, 0.0, 0.0])
    np.testing.assert_allclose(regional.public_received, [0.0, 10.0, 10.0])  # gives up all beyond its 20
    np.testing.assert_allclose(national.public_received, [0.0, 8.0, 8.0])
    assert national.name == "national"


def test_fees_are_paid_by_both_sides_of_a_tier():
    (tier,) = pass_up(PAID_IN, DISTRIBUTIONS, [FundTier("sub-fund", 0.4, fee_rate=0.02)])
    np.testing.assert_allclose(tier.fee, [0.0, 2.0, 2.0])
    np.testing.assert_allclose(tier.public_paid_in, [40.0, 0.8, 0.8])


@pytest.mark.parametrize(
    "contract",
    [
        contracts.PariPassu(),
        contracts.LossGuarantee(0.8),
        contracts.BuyOutOption(0.05, 2.0),
        contracts.SharedHurdle(0.05, 0.1),
        contracts.StakePut(0.5, 2.0),
    ],
    ids=lambda contract: type(contract).__name__,
)
def test_nothing_is_lost_on_the_way_up(contract):
    generator = np.random.default_rng(8)
    paid_in, distributions = generator.lognormal(0.0, 1.5, (2, 300, 20)) * (generator.random((2, 300, 20)) < 0.4)
    tiers = [FundTier("sub-fund", 0.4, contract, 0.02), FundTier("regional", 0.6, contract, 0.01), FundTier("top", 1.0)]
    flows = pass_up(paid_in, distributions, tiers, periods_per_year=4)
    # What a tier pays the others is called from above: it is a receipt and a call alike, and nets out.
    received = sum(tier.others_received for tier in flows) + flows[-1].public_received
    paid = sum(tier.others_paid_in for tier in flows) + flows[-1].public_paid_in
    fees = sum(tier.fee for tier in flows)
    np.testing.assert_allclose(received - paid, distributions - paid_in - fees, rtol=0, atol=1e-9)


def test_without_contract_and_fee_shares_multiply():
    tiers = [FundTier("sub-fund", 0.3), FundTier("regional", 0.33), FundTier("national", 1.0)]
    top = pass_up(PAID_IN, DISTRIBUTIONS, tiers)[-1]
    np.testing.assert_allclose(top.public_received, 0.099 * np.array(DISTRIBUTIONS))
    assert 100.0 / top.public_paid_in.sum() == pytest.approx(accounting_leverage([0.3, 0.33, 1.0]))


def test_wrong_tiers_are_explained():
    with pytest.raises(ValueError, match="tiers: expected at least one fund"):
        pass_up(PAID_IN, DISTRIBUTIONS, [])
    with pytest.raises(ValueError, match="public_share: a share"):
        FundTier("sub-fund", 40)
    with pytest.raises(ValueError, match="fee_rate"):
        FundTier("sub-fund", 0.4, fee_rate=-0.02)
    with pytest.raises(ValueError, match="distributions: amounts are positive"):
        pass_up([1.0], [-1.0], [FundTier("sub-fund", 0.4)])
