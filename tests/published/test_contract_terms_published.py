"""Terms with dates, tiers and maturities, chains of funds and mandates, against programmes and worked figures.

Each case retypes what its source prints; *derived* is worked from the printed terms, *unverified* recalled only.
"""

import numpy as np
import pytest

from finance.fund import measures
from finance.policy import contracts
from finance.policy.fund_terms import FundLife, ManagementFee
from finance.policy.mandate import Mandate, reserved_share
from finance.policy.tiers import FundTier, accounting_leverage, commit_down, multiplied, pass_up

YOZMA_2 = contracts.StrikeSchedule(((4.0, 0.01), (8.0, 0.05)))


def bullet(public, private, gross_multiple, years):
    """One payment by each side at the start, one distribution at the end; all as arrays over years 0…years."""
    flows = np.zeros((3, years + 1))
    flows[0, 0], flows[1, 0], flows[2, -1] = public, private, gross_multiple * (public + private)
    return flows


def multiples(contract, public, private, gross_multiple, years):
    """What each side gets over what it has paid in."""
    sides = contract.split(*bullet(public, private, gross_multiple, years))
    return tuple(side.sum() / paid for side, paid in zip(sides, (public, private), strict=True))


# --- buy-outs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "strike", "multiple"), [(4, 31.218120, 1.041), (8, 44.323663, 1.477)])
def test_yozma_2_strikes_are_one_schedule(year, strike, multiple):
    # Israel Innovation Authority (2024): USD 0.30 for each 1; 1 % in the first four years, after them 5 % from the start.
    assert 30.0 * YOZMA_2.multiple(year) == pytest.approx(strike, abs=5e-7)
    assert YOZMA_2.multiple(year) == pytest.approx(multiple, abs=0.0005)
    option = contracts.ScheduledBuyOut(YOZMA_2, first_year=year, last_year=year)
    public, private = option.split(*bullet(30.0, 100.0, 4.0, 8))
    assert public[year] == public.sum() == pytest.approx(strike, abs=5e-7)
    assert private.sum() == pytest.approx(520.0 - strike, abs=5e-7)


def test_yozma_2_partners_pay_one_percent_or_wait_for_five():
    # 0.30 of 1.30 is a share of 23 %. The price jumps by a fifth in year 5, so no partner waits beyond year 4 for less.
    assert contracts.PariPassu().split([0.30], [1.00], [1.00])[0][0] == pytest.approx(0.23, abs=0.005)
    assert 30.0 * YOZMA_2.multiple(5.0) == pytest.approx(38.288447, abs=5e-7)
    option = contracts.ScheduledBuyOut(YOZMA_2, waiting_rate=0.03)
    assert option.exercise_year(*bullet(30.0, 100.0, 4.0, 8)) == 4.0


@pytest.mark.parametrize(
    ("gross_multiple", "public_multiple", "private_multiple"), [(1.0, 1.00, 1.00), (2.0, 1.40, 2.40)]
)
def test_yozma_type_call_within_five_years(gross_multiple, public_multiple, private_multiple):
    # Derived: government 40 %, cost + 7 % a year, year 5 (strike 1.403 times cost). The dates before are not used here.
    schedule = contracts.StrikeSchedule(((5.0, 0.07),))
    assert schedule.multiple(5.0) == pytest.approx(1.403, abs=0.0005)
    option = contracts.ScheduledBuyOut(schedule, first_year=5.0)
    received = multiples(option, 40.0, 60.0, gross_multiple, 5)
    assert received == pytest.approx((public_multiple, private_multiple), abs=0.005)


def test_yozma_1_keeps_part_of_later_profits():
    # Yozma (1993), unverified: cost with interest up to year 5, and 7 % of what the stake earns beyond its price.
    schedule = contracts.StrikeSchedule(((5.0, 0.07),))
    option = contracts.ScheduledBuyOut(schedule, first_year=5.0, profit_share=0.07)
    public, private = option.split(*bullet(40.0, 60.0, 3.0, 8))
    strike = 40.0 * 1.07**5
    assert public[5] == pytest.approx(strike)
    assert public[8] == pytest.approx(0.07 * (120.0 - strike))
    assert private.sum() == pytest.approx(300.0 - strike - 0.07 * (120.0 - strike))
    # Ended below the price, the stake stays with the public as it is.
    assert option.split(*bullet(40.0, 60.0, 1.0, 8))[0].sum() == pytest.approx(40.0)


# --- who comes first -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gross_multiple", "public_multiple", "private_multiple"), [(1.2, 1.28, 1.05), (2.0, 1.64, 2.73)]
)
def test_enterprise_capital_fund_is_a_capped_return(gross_multiple, public_multiple, private_multiple):
    # British Business Bank: two thirds public, capital pari passu, 3 % to the public for 8 years, 30 % of the rest
    # (assumed).
    capped = contracts.CappedPublicReturn(0.03, 0.30)
    received = multiples(capped, 200.0, 100.0, gross_multiple, 8)
    assert received == pytest.approx((public_multiple, private_multiple), abs=0.005)
    if gross_multiple == 1.2:  # a weak fund: worse than pari passu under the priority, never under an option
        assert received[1] < 1.2
        option = contracts.ScheduledBuyOut(contracts.StrikeSchedule(((8.0, 0.03),)))
        assert multiples(option, 200.0, 100.0, gross_multiple, 8)[1] >= 1.2


@pytest.mark.parametrize(("public", "rate"), [(200.0, 0.0), (200.0, 0.06), (100.0, 0.06)])
def test_australian_innovation_investment_fund(public, rate):
    # Two public for one private in the first rounds (unverified), one for one in the third; capital and the bond rate to
    # both over 10 years, then 10 % to the government and 90 % to private partners (unverified), whatever their shares.
    contract = contracts.SharedHurdle(rate, public_share_after=0.10)
    hurdle = (1.0 + rate) ** 10
    received = multiples(contract, public, 100.0, 3.0, 10)
    excess = (3.0 - hurdle) * (public + 100.0)
    assert received == pytest.approx((hurdle + 0.10 * excess / public, hurdle + 0.90 * excess / 100.0))
    assert multiples(contract, public, 100.0, 0.9 * hurdle, 10) == pytest.approx((0.9 * hurdle, 0.9 * hurdle))
    if public == 200.0:  # the same as giving up 85 % of two thirds
        same = contracts.ExcessGiveUp(0.85, rate)
        assert multiples(same, public, 100.0, 3.0, 10) == pytest.approx(received)


def test_small_business_investment_company():
    # SBA (2023): ten years, interest twice a year, in practice twice private capital up to USD 175 m. Coupon of the
    # pool of September 2019: 2.283 % (Pepper Hamilton 2019).
    half_year = 0.02283 / 2
    terms = contracts.Debenture((1.0 + half_year) ** 2 - 1.0, 10.0, "cash", 2.0, leverage_cap=2.0, amount_cap=175.0)
    assert terms.drawn([1e9], [75.0]).sum() == 150.0
    assert terms.drawn([1e9], [100.0]).sum() == 175.0
    flows = np.zeros((3, 41))
    flows[0, 0], flows[1, 0], flows[2] = 150.0, 75.0, 5.0
    flows[2, -1] = 400.0
    public, _ = terms.split(*flows, periods_per_year=4)
    np.testing.assert_allclose(public[2:-1:2], 150.0 * half_year, rtol=1e-11)  # semi-annual
    np.testing.assert_array_equal(public[1:-1:2], 0.0)
    assert public[-1] == pytest.approx(150.0 * (1.0 + half_year), rel=1e-11)  # principal at year 10
    assert (1.0 + measures.irr(public - flows[0], 4)) ** 0.5 == pytest.approx(1.0 + half_year, rel=1e-11)


def test_accrual_debenture():
    # SBIC Accrual (2023): 1.25 times private capital; interest compounds and is due with the principal at year 10.
    terms = contracts.Debenture(0.05, 10.0, "accruing", leverage_cap=1.25)
    assert terms.drawn([1e9], [100.0]).sum() == 125.0
    due = 125.0 * 1.05**10
    public, private = terms.split(*bullet(125.0, 100.0, 2.0, 10))
    assert (public[-1], private[-1]) == pytest.approx((due, 450.0 - due))
    assert terms.split(*bullet(125.0, 100.0, 0.5, 10))[0].sum() == pytest.approx(112.5)  # private bears the first loss
    early = bullet(125.0, 100.0, 2.0, 10)
    early[2, 5] = 60.0
    assert terms.split(*early)[0][5] == 0.0  # nothing is due before


@pytest.mark.parametrize(("per_public", "rate"), [(2.25, 0.07), (3.0, 0.05)])
def test_canadian_priority_comes_behind_nothing_in_a_sequence(per_public, rate):
    # Canada's VCCI, first and second round: private capital and 7 % or 5 % first.
    alone = contracts.PrivatePriority(rate)
    in_sequence = contracts.Sequence((alone, contracts.ExcessGiveUp(0.0)))
    for multiple in (0.5, 1.5, 3.0):
        expected = multiples(alone, 1.0, per_public, multiple, 10)
        assert multiples(in_sequence, 1.0, per_public, multiple, 10) == pytest.approx(expected)
    assert multiples(alone, 1.0, per_public, 3.0, 10)[1] >= (1.0 + rate) ** 10


# --- Korea's "LP first step" fund, give-ups, guarantees ------------------------------------------------------------


@pytest.mark.parametrize(
    ("gross_multiple", "private"),
    [
        (2.0, 120.0 + 0.3 * 40.0),  # excess given up
        (1.0, 60.0),
        (0.9, 60.0),  # the first loss of 10 is the public's
        (0.8, 54.0 + 0.3 * 6.0),  # beyond it private partners lose 6, and sell 30 % of their stake at cost
        (0.0, 0.3 * 60.0),
    ],
)
def test_lp_first_step_with_excess(gross_multiple, private):
    # KVIC (2025): 40 % public; first loss up to 10 % of the fund, put on up to 30 % of the stake, 30 % of excess return.
    # That the put is at cost and at the end is assumed. Derived.
    terms = contracts.Sequence(
        (contracts.FirstLoss(0.10), contracts.StakePut(0.30, last_year=8.0), contracts.ExcessGiveUp(0.30))
    )
    assert terms.split(*bullet(40.0, 60.0, gross_multiple, 8))[1].sum() == pytest.approx(private)


@pytest.mark.parametrize(("gross_multiple", "private"), [(2.0, 120.0 + 0.3 * 40.0), (0.8, 54.0 + 0.3 * 6.0)])
def test_lp_first_step_with_call(gross_multiple, private):
    # The other choice: a call on up to 30 % of KVIC's stake; at cost and at the end it pays the same (derived).
    call = contracts.ScheduledBuyOut(contracts.StrikeSchedule(((8.0, 0.0),)), first_year=8.0, stake_share=0.30)
    terms = contracts.Sequence((contracts.FirstLoss(0.10), contracts.StakePut(0.30, 8.0), call))
    assert terms.split(*bullet(40.0, 60.0, gross_multiple, 8))[1].sum() == pytest.approx(private)


def test_shenzhen_gives_up_all_and_chengdu_in_stages():
    # Shenzhen (unverified): all of the excess. Chengdu Hi-tech Zone (2024): in stages, which are not printed; assumed.
    shenzhen = contracts.TieredGiveUp(((1.0, 1.0),))
    assert multiples(shenzhen, 40.0, 60.0, 2.0, 10) == pytest.approx((1.0, 160.0 / 60.0))
    chengdu = contracts.TieredGiveUp(((1.0, 0.2), (1.5, 0.4), (2.0, 0.6)))
    public, _ = multiples(chengdu, 50.0, 50.0, 3.0, 10)
    assert public == pytest.approx(3.0 - 0.2 * 0.5 - 0.4 * 0.5 - 0.6 * 1.0)


def test_guarantee_on_technology_loans():
    # Caijin (2024) no. 60: the guarantee system bears up to 80 %, fee below 1 %, claims up to 5 % of what is guaranteed.
    terms = contracts.LossGuarantee(0.80, premium_rate=0.01, claim_cap=0.05)
    flows = bullet(0.0, 30.0, 0.5, 1)
    public, private = terms.split(*flows)
    assert public[0] == pytest.approx(0.01 * 0.80 * 30.0)
    assert public[1] == pytest.approx(-0.05 * 0.80 * 30.0)  # of a loss of 15, 12 would be covered
    assert private.sum() == pytest.approx(15.0 + 1.2 - 0.24)
    # The levels of the system share what it bears: 20 bank, 40 national, 20 province, 20 local (100 in all).
    assert pytest.approx(1.0) == 0.20 + 0.40 + 0.20 + 0.20


# --- leverage and chains --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "leverage", "tolerance"),
    [
        ([0.20], 5.0, 1e-12),
        ([0.30], 3.33, 0.005),
        ([0.40], 2.5, 1e-12),
        ([0.50], 2.0, 1e-12),
        ([0.60], 1.67, 0.005),
        ([0.33, 0.30], 10.0, 0.11),  # 10.1: the source rounds a third
        ([1 / 3, 0.30], 10.0, 1e-12),
        ([0.50, 0.30], 6.7, 0.05),
        ([0.67, 0.40], 3.7, 0.05),
    ],
)
def test_leverage_of_chinese_funds(shares, leverage, tolerance):
    # Derived from caps on the public share; two tiers multiply.
    assert accounting_leverage(shares) == pytest.approx(leverage, abs=tolerance)
    # The same by commitments that fill every cap.
    offered, others, total = 1.0, [], 1.0
    for share in shares:
        others.append(total * (1.0 - share) / share)
        total += others[-1]
    tiers = commit_down(offered, others, shares)
    assert tiers[-1].total == pytest.approx(accounting_leverage(shares))
    assert all(tier.unspent == pytest.approx(0.0, abs=1e-12) for tier in tiers)
    # And by flows: the top pays 1 of them.
    chain = [FundTier(f"tier {number}", share) for number, share in enumerate(reversed(shares))]
    assert pass_up([total], [0.0], chain)[-1].public_paid_in[0] == pytest.approx(1.0)


def test_european_fund_for_strategic_investments():
    # European Commission (2014): 16 + 5 = 21 bn, times 3 is 63, times 5 is 315, of which 240 and 75.
    cascade = multiplied([16.0, 5.0], [3.0, 5.0])
    np.testing.assert_array_equal(cascade.sum(axis=-1), [21.0, 63.0, 315.0])
    np.testing.assert_array_equal(cascade[-1], [240.0, 75.0])


def test_national_fund_mobilises_ten_times_its_money_if_every_cap_is_filled():
    # National Venture Capital Guidance Fund (2025): 1,000 of central money (100 m yuan), about 10,000 in all: a target.
    regional, sub_funds = commit_down(1000.0, [2000.0, 7000.0], [1 / 3, 0.30])
    assert (regional.total, sub_funds.total) == pytest.approx((3000.0, 10000.0))
    # With half of the private partners, half of the public money finds none.
    assert commit_down(1000.0, [2000.0, 3500.0], [1 / 3, 0.30])[1].unspent == pytest.approx(1500.0)


def test_sme_development_fund_is_four_times_its_central_money():
    # Ministry of Finance (2015): central 150, total 600 (100 m yuan); its seventh batch takes 6 of 20.
    assert accounting_leverage([150.0 / 600.0]) == 4.0
    assert commit_down(6.0, [14.0], [0.30])[0].total == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("public", "private", "per_public"),
    [(0.30, 1.00, 3.333), (390.0, 780.0, 2.0), (1.0, 2.25, 2.25), (1.0, 3.0, 3.0), (2.5, 5.0, 2.0)],
)
def test_private_money_for_each_public(public, private, per_public):
    # Yozma 2.0; Canada's VCAP, VCCI-1, VCCI-2; British Patient Capital (2.5 of 7.5, three times in all).
    (tier,) = commit_down(10.0 * public, [private], [public / (public + private)])
    assert private / tier.from_above == pytest.approx(per_public, abs=0.001)


# --- lives, fees, mandates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("life", "years", "extended"),
    [
        (FundLife(10, 10), 20, 20),  # National Venture Capital Guidance Fund
        (FundLife(8, 7, (3,)), 15, 18),  # Shanghai Future Industry Fund: 15 + 3, its halves assumed
        (FundLife(5, 2, (2,)), 7, 9),  # municipal funds: 7 + 2
        (FundLife(3, 1, (1,)), 4, 5),  # template 3 + 1 + 1
    ],
)
def test_lives_of_chinese_funds(life, years, extended):
    assert (life.years(), life.years(n_extensions=1)) == (years, extended)


def test_fee_on_what_is_paid_in_is_lower_than_on_what_is_committed():
    # Document no. 1 (2025): on paid-in or invested amounts; 2 % of commitments is tradition, 1.5 % common in new funds.
    paid_in = [25.0, 25.0, 25.0, 25.0, 0.0, 0.0]
    nothing = np.zeros(6)
    tradition = ManagementFee(0.02).fees(100.0, paid_in, nothing, nothing).sum()
    new = ManagementFee(0.015, "paid-in").fees(100.0, paid_in, nothing, nothing).sum()
    assert (tradition, new) == pytest.approx((10.0, 0.015 * (25 + 50 + 75 + 100 + 100)))


def test_mandate_of_the_national_fund():
    # At least 70 % of the fund in seed and start-up; tickets of at most 0.5, firms worth less than 5 (100 m yuan).
    mandate = Mandate(early_share=0.70, ticket_cap=50.0, valuation_cap=500.0)
    assert mandate.largest_ticket(80.0) == 50.0
    assert not mandate.is_small_enough(500.0)
    assert mandate.room_for_late(70_000.0, 70_000.0) == pytest.approx(30_000.0)  # three tenths of 100 bn
    # Zhengzhou (2024): a project 20 % of a sub-fund at most.
    assert Mandate(company_share_cap=0.20).largest_ticket(150.0, fund_size=500.0) == 100.0


@pytest.mark.parametrize(
    ("multiple", "public_share", "reserved"),
    [(1.5, 0.50, 0.75), (1.54, 0.30, 0.462), (1.0, 0.40, 0.40), (0.0, 0.40, 0.0)],
)
def test_reinvestment_ties_a_part_of_a_fund_to_its_place(multiple, public_share, reserved):
    # Chengdu Hi-tech Zone (2024): 1.5 times; the national mean in 2022: 1.54; document no. 1 (2025): lower, or none.
    assert reserved_share(multiple, public_share) == pytest.approx(reserved)
