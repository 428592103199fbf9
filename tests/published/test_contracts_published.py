"""Contracts against the terms and worked payoffs of real programmes.

Each case retypes what its source prints: the shares, multiples and rates of the programme, and where one is
given the payoff. Payoffs marked *derived* were worked from the printed terms. Where a source prints a rule but
no rate, the rule is tested at any rate.
"""

import numpy as np
import pytest

from finance.fund import measures
from finance.policy import contracts

ANY_RATES = (0.0, 0.025, 0.06)


def bullet(public, private, gross_multiple, years):
    """One payment by each side at the start, one distribution at the end; all as arrays over years 0…years."""
    public_paid_in, private_paid_in, distributions = np.zeros((3, years + 1))
    public_paid_in[0], private_paid_in[0] = public, private
    distributions[-1] = gross_multiple * (public + private)
    return public_paid_in, private_paid_in, distributions


def payoff(contract, public, private, gross_multiple, years=10):
    """Net receipts of each side over the life of a bullet."""
    public_receipts, private_receipts = contract.split(*bullet(public, private, gross_multiple, years))
    assert not public_receipts[:-1].any()
    assert not private_receipts[:-1].any()
    return public_receipts[-1], private_receipts[-1]


# --- pari passu --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("public", "private", "public_share"),
    [
        (8.0, 12.0, 0.40),  # Yozma's first funds (Israel 1993; Senor and Singer, Start-up Nation): 12 to 8
        (2.5, 5.0, 1 / 3),  # British Patient Capital (2018): GBP 2.5 bn to support 7.5 bn
        (1.0, 1.0, 0.50),  # New Zealand Seed Co-investment Fund; EIC Fund: 1 to 1
        (7.0, 3.0, 0.70),  # Startup SG Equity, first tier; Germany's DTCF (2023): 70 to 30
        (3.0, 7.0, 0.30),  # Startup SG Equity, deep tech above S$4 m
        (66.7, 70.8, 66.7 / 137.5),  # the same, realised 2016-19
        (6.0, 14.0, 0.30),  # China's national fund for small and medium firms, seventh batch: 6 of 20 (100 m yuan)
        (40.0, 60.0, 0.40),  # Shenzhen angel fund of funds (2018): at most 40 %
    ],
)
def test_pari_passu_programmes_bear_and_earn_their_share(public, private, public_share):
    for gross_multiple in (0.0, 0.4, 1.0, 3.0):
        received, _ = payoff(contracts.PariPassu(), public, private, gross_multiple)
        assert received == pytest.approx(public_share * gross_multiple * (public + private), rel=1e-14)


def test_shenzhen_bears_two_fifths_of_an_angel_loss():
    # Said in public by the city's party secretary: the government bears at most 40 % of an angel loss.
    received, _ = payoff(contracts.PariPassu(), 40.0, 60.0, gross_multiple=0.0)
    assert 40.0 - received == pytest.approx(0.40 * 100.0)


# --- buy-out options ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gross_multiple", "public_multiple", "private_multiple"), [(1.0, 1.00, 1.00), (2.0, 1.40, 2.40)]
)
def test_yozma_type_call(gross_multiple, public_multiple, private_multiple):
    # Derived: government 40 %, cost + 7 % a year until year 5 (strike 1.403 times cost).
    option = contracts.BuyOutOption(rate=0.07, last_year=5)
    public, private = payoff(option, 40.0, 60.0, gross_multiple, years=5)
    assert public / 40.0 == pytest.approx(public_multiple, abs=0.005)
    assert private / 60.0 == pytest.approx(private_multiple, abs=0.005)
    if gross_multiple == 2.0:
        assert public / 40.0 == pytest.approx(1.403, abs=0.0005)


@pytest.mark.parametrize(
    ("rate", "last_year", "strike", "strike_multiple"),
    [(0.01, 4, 31.218120, 1.041), (0.05, 8, 44.323663, 1.477)],
)
def test_yozma_2_strikes(rate, last_year, strike, strike_multiple):
    # Israel Innovation Authority (2024): USD 0.30 for each 1 of institutions; 1 % a year in the first four
    # years, after that 5 % from the start.
    public, private = payoff(contracts.BuyOutOption(rate, last_year), 30.0, 100.0, gross_multiple=4.0, years=last_year)
    assert public == pytest.approx(strike, abs=5e-7)
    assert public / 30.0 == pytest.approx(strike_multiple, abs=0.0005)
    assert private == pytest.approx(4.0 * 130.0 - strike, abs=5e-7)


@pytest.mark.parametrize("rate", ANY_RATES)
def test_new_zealand_buy_out_at_cost_and_interest(rate):
    # New Zealand Venture Investment Fund (2001): one public for two private; its stake at cost and interest
    # within five years (recalled, unverified). The public then earns the interest and no more.
    flows = bullet(1.0, 2.0, gross_multiple=2.5, years=5)
    public, private = contracts.BuyOutOption(rate, last_year=5).split(*flows)
    assert measures.irr(public - flows[0], periods_per_year=1) == pytest.approx(rate, abs=1e-13)
    assert private[-1] == pytest.approx(2.5 * 3.0 - (1.0 + rate) ** 5)


# --- capped public return and give-up --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gross_multiple", "public_multiple", "private_multiple"), [(1.2, 1.28, 1.05), (2.0, 1.64, 2.73)]
)
def test_enterprise_capital_fund(gross_multiple, public_multiple, private_multiple):
    # British Business Bank: two thirds public, capital pari passu, then 3 % to the public, here for 8 years; the
    # split of the rest is tendered, 30 % to the public assumed. Payoff derived.
    contract = contracts.CappedPublicReturn(rate=0.03, public_share_after=0.30)
    public, private = payoff(contract, 200.0, 100.0, gross_multiple, years=8)
    assert public / 200.0 == pytest.approx(public_multiple, abs=0.005)
    assert private / 100.0 == pytest.approx(private_multiple, abs=0.005)


@pytest.mark.parametrize("rate", ANY_RATES)
def test_australian_innovation_investment_fund(rate):
    # Two public for one private; both get capital and the bond rate back over 10 years, then 10 % to the
    # government and 90 % to private partners (recalled, unverified). Giving up 85 % of two thirds leaves 10 %.
    contract = contracts.ExcessGiveUp(share=0.85, rate=rate)
    public, private = payoff(contract, 200.0, 100.0, gross_multiple=3.0)
    with_interest = (1.0 + rate) ** 10
    excess = 900.0 - 300.0 * with_interest
    assert public == pytest.approx(200.0 * with_interest + 0.10 * excess, rel=1e-13)
    assert private == pytest.approx(100.0 * with_interest + 0.90 * excess, rel=1e-13)


@pytest.mark.parametrize(
    ("share", "public", "private"),
    [
        (1.0, 40.0, 160.0),  # Shenzhen angel fund of funds: all of the excess, once capital is back (unverified)
        (0.3, 68.0, 132.0),  # Korea's "LP first step" fund (2025): up to 30 % of KVIC's excess return
    ],
)
def test_excess_given_up(share, public, private):
    received = payoff(contracts.ExcessGiveUp(share), 40.0, 60.0, gross_multiple=2.0)
    assert received == pytest.approx((public, private), abs=1e-12)


# --- who comes first ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("private_per_public", "rate"),
    [(2.25, 0.07), (3.0, 0.05)],  # Canada's VCCI, first and second round: private paid first, capital + rate
)
def test_canadian_priority(private_per_public, rate):
    contract = contracts.PrivatePriority(rate)
    private_claim = private_per_public * (1.0 + rate) ** 10
    capital = 1.0 + private_per_public
    received = {multiple: payoff(contract, 1.0, private_per_public, multiple) for multiple in (0.5, 1.0, 1.5, 2.0, 4.0)}
    assert received[0.5] == pytest.approx((0.0, 0.5 * capital))
    assert received[1.0] == pytest.approx((0.0, capital))  # ten years of interest take all of the public's capital
    for multiple in (1.5, 2.0, 4.0):
        left = multiple * capital - private_claim
        public = min(left, 1.0) + max(left - 1.0, 0.0) / capital
        assert received[multiple] == pytest.approx((public, multiple * capital - public))


def test_small_business_investment_company_pays_its_debenture_first():
    # An SBIC's quarterly report (SEC, 2025): twice its regulatory capital of 75 m, ten years, interest twice a year;
    # debentures pooled in September 2019 pay 2.283 % (Pepper Hamilton 2019). The public gets its coupons and principal.
    half_year_coupon = 0.02283 / 2
    rate = (1.0 + half_year_coupon) ** 2 - 1.0
    public_paid_in, private_paid_in, distributions = np.zeros((3, 21))
    public_paid_in[0], private_paid_in[0] = 150.0, 75.0
    distributions[1:] = 150.0 * half_year_coupon
    distributions[-1] += 150.0 + 30.0  # and a loss of 45 on the investments
    flows = (public_paid_in, private_paid_in, distributions)
    public, private = contracts.SeniorDebt(rate).split(*flows, periods_per_year=2)
    np.testing.assert_allclose(public[1:-1], 150.0 * half_year_coupon, rtol=1e-12)
    assert public[-1] == pytest.approx(150.0 * (1.0 + half_year_coupon), rel=1e-12)
    assert private.sum() == pytest.approx(30.0, abs=1e-9)  # all of the loss is private


@pytest.mark.parametrize("rate", ANY_RATES)
def test_accrual_debenture(rate):
    # SBIC Accrual (2023): 1.25 times private capital; interest compounds and is due with the principal in year 10.
    contract = contracts.SeniorDebt(rate)
    due = 125.0 * (1.0 + rate) ** 10
    assert payoff(contract, 125.0, 100.0, gross_multiple=2.0) == pytest.approx((due, 450.0 - due))
    assert payoff(contract, 125.0, 100.0, gross_multiple=0.5) == pytest.approx((112.5, 0.0))


def test_grant_of_yozma_deep_tech():
    # Israel Innovation Authority (2025): a grant of up to USD 10 m a fund, and all profit to the partners.
    assert payoff(contracts.Grant(), 10.0, 90.0, gross_multiple=3.0) == pytest.approx((0.0, 300.0))


# --- losses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "gross_multiple", "public_loss", "private_loss"),
    [
        # Korea's "LP first step" fund (2025): KVIC 40 %, first loss up to 10 % of the fund.
        (0.10, 1.00, 0.0, 0.0),
        (0.10, 0.95, 5.0, 0.0),
        (0.10, 0.90, 10.0, 0.0),
        (0.10, 0.80, 14.0, 6.0),
        (0.10, 0.00, 40.0, 60.0),
        # Korea's New Deal Fund (AJU News): public money subordinated up to 20 %.
        (0.20, 0.80, 20.0, 0.0),
        (0.20, 0.60, 28.0, 12.0),
    ],
)
def test_first_loss_in_korea(share, gross_multiple, public_loss, private_loss):
    public, private = payoff(contracts.FirstLoss(share), 40.0, 60.0, gross_multiple)
    assert 40.0 - public == pytest.approx(public_loss, abs=1e-12)
    assert 60.0 - private == pytest.approx(private_loss, abs=1e-12)


@pytest.mark.parametrize("gross_multiple", [0.0, 0.4, 1.0, 1.5])
def test_deutsche_wagnisfinanzierung(gross_multiple):
    # Gilson (2003): the public guarantees up to 75 % of the private partners' losses, and has paid in nothing.
    public, private = payoff(contracts.LossGuarantee(0.75), 0.0, 100.0, gross_multiple)
    loss = 100.0 * max(1.0 - gross_multiple, 0.0)
    assert public == pytest.approx(-0.75 * loss)
    assert 100.0 * gross_multiple - private == pytest.approx(-0.75 * loss)


# --- signs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("years", [3, 8, 15])
@pytest.mark.parametrize("gross_multiple", [0.3, 0.9, 1.05, 1.2])
def test_with_a_weak_fund_a_public_priority_hurts_private_partners_and_an_option_never_does(gross_multiple, years):
    # Jääskeläinen, Maula and Murray (2007), Research Policy 36(7): asymmetric terms help less the weaker the fund.
    flows = (200.0, 100.0, gross_multiple, years)
    pari_passu = payoff(contracts.PariPassu(), *flows)[1]
    option = payoff(contracts.BuyOutOption(0.03, last_year=years), *flows)[1]
    priority = payoff(contracts.CappedPublicReturn(0.03, public_share_after=0.30), *flows)[1]
    debt = payoff(contracts.SeniorDebt(0.03), *flows)[1]
    assert option >= pari_passu
    interest = 200.0 * (1.03**years - 1.0)
    profit = 300.0 * (gross_multiple - 1.0)
    if profit <= 0.0:
        assert priority == pytest.approx(pari_passu)
    elif profit <= interest:
        assert priority < pari_passu
    if 300.0 * gross_multiple <= 200.0 + interest:
        assert debt == 0.0 < pari_passu
