"""Fair values of contracts: limits, directions, matching to simulated receipts, and the parts of a gap."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.special import ndtri

from finance.policy import contracts
from finance.policy.fair_value import Discounting, compare_concession, fair_value, match_lognormal
from finance.policy.replication import public_portfolio
from finance.world.options import bermudan
from tests.unit.options_twin import black_twin

FLAT = Discounting.flat(0.02)
YOZMA_2 = contracts.ScheduledBuyOut(contracts.StrikeSchedule(((4.0, 0.01), (8.0, 0.05))))
#: Middles of equally likely parts of a standard normal: paths without luck.
NORMAL = ndtri((np.arange(4000) + 0.5) / 4000)


def value(contract, spot=110.0, volatility=0.4, years=8.0, public=40.0, private=60.0, discounting=FLAT):
    return fair_value(contract, public, private, spot, volatility, discounting, years)


# --- closed forms ------------------------------------------------------------------------------------------------


def test_no_concession_and_all_of_it():
    assert value(contracts.PariPassu()).concession == 0.0
    assert value(contracts.Grant()).concession == pytest.approx(44.0)
    assert value(contracts.Grant()).private == 110.0


@pytest.mark.parametrize(
    ("contract", "concession"),
    [
        (contracts.BuyOutOption(0.07, 8.0), lambda call, put: 0.4 * call(100 * 1.07**8)),
        (contracts.BuyOutOption(0.07, 9.0), lambda call, put: 0.4 * call(100 * 1.07**8)),
        (contracts.LossGuarantee(0.75), lambda call, put: 0.45 * put(100.0)),
        (contracts.LossGuarantee(0.75, claim_cap=0.2), lambda call, put: 0.45 * (put(100.0) - put(80.0))),
        (contracts.ExcessGiveUp(0.5, 0.04), lambda call, put: 0.2 * call(100 * 1.04**8)),
        (
            contracts.TieredGiveUp(((1.0, 0.2), (1.5, 0.6))),
            lambda call, put: 0.08 * (call(100.0) - call(150.0)) + 0.24 * call(150.0),
        ),
        (contracts.SharedHurdle(0.03, 0.1), lambda call, put: 0.3 * call(100 * 1.03**8)),
        (
            contracts.CappedPublicReturn(0.03, 0.3),
            lambda call, put: 0.7 * call(100 + 40 * (1.03**8 - 1)) - 0.6 * call(100.0),
        ),
        (
            contracts.FirstLoss(0.1),
            lambda call, put: 0.6 * (put(100.0) - put(90.0)) - 0.4 * put(15.0),
        ),
        (contracts.StakePut(0.3, 8.0, 0.01), lambda call, put: 0.18 * put(100 * 1.01**8)),
        (contracts.SeniorDebt(0.03), lambda call, put: 44.0 - 40 * 1.03**8 * 1.02**-8 + put(40 * 1.03**8)),
    ],
)
def test_each_term_is_its_options(contract, concession):
    def call(strike):
        return black_twin("call", 110.0, strike, 0.4, 1.02**-8, 8.0)

    def put(strike):
        return black_twin("put", 110.0, strike, 0.4, 1.02**-8, 8.0)

    assert value(contract).concession == pytest.approx(concession(call, put), abs=1e-9)


def test_premiums_are_fixed_payments_in_advance():
    free, paid = value(contracts.LossGuarantee(0.5)), value(contracts.LossGuarantee(0.5, premium_rate=0.01))
    assert free.concession - paid.concession == pytest.approx(0.01 * 0.5 * 60.0 * np.sum(1.02 ** -np.arange(8.0)))
    assert paid.whole == pytest.approx(110.0)


def test_a_buy_out_before_the_end_is_an_option_of_its_date():
    early = value(contracts.BuyOutOption(0.07, 5.0)).concession
    assert early == pytest.approx(0.4 * black_twin("call", 110.0, 100 * 1.07**5, 0.4, 1.02**-5, 5.0))


def test_a_window_is_worth_more_than_each_of_its_dates_and_has_the_best_exercise():
    years = np.arange(1.0, 9.0)
    strikes = [40.0 * YOZMA_2.schedule.multiple(year) for year in years]
    concession = value(YOZMA_2).concession
    assert concession == pytest.approx(bermudan("call", 44.0, strikes, years, 0.4, 1.02**-years), rel=1e-12)
    for year in years:
        assert value(dataclasses.replace(YOZMA_2, first_year=year, last_year=year)).concession < concession
    assert value(dataclasses.replace(YOZMA_2, stake_share=0.3)).concession == pytest.approx(0.3 * concession)
    # Dates beyond the end of the fund fall into it.
    short = value(YOZMA_2, years=2.0).concession
    two = value(dataclasses.replace(YOZMA_2, last_year=2.0), years=2.0).concession
    assert short == pytest.approx(two)


def test_profit_share_at_the_end():
    once = dataclasses.replace(YOZMA_2, first_year=8.0)
    shared = dataclasses.replace(once, profit_share=0.07)
    assert value(shared).concession == pytest.approx(0.93 * value(once).concession)


def test_limits():
    dear = contracts.BuyOutOption(1.0, 100.0)
    assert value(dear, years=100.0).concession == pytest.approx(0.0, abs=1e-9)
    assert value(contracts.BuyOutOption(0.0, 8.0), volatility=0.0).concession == pytest.approx(
        0.4 * (110.0 - 100.0 * 1.02**-8)
    )
    assert value(contracts.LossGuarantee(1.0), spot=0.0).concession == pytest.approx(60.0 * 1.02**-8)
    assert value(YOZMA_2, public=0.0).concession == 0.0
    assert value(YOZMA_2, spot=0.0).public == 0.0


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (contracts.BuyOutOption(0.07, 8.0), contracts.BuyOutOption(0.03, 8.0)),
        (contracts.LossGuarantee(0.5), contracts.LossGuarantee(0.75)),
        (contracts.LossGuarantee(0.5, claim_cap=0.1), contracts.LossGuarantee(0.5, claim_cap=0.3)),
        (contracts.FirstLoss(0.1), contracts.FirstLoss(0.2)),
        (contracts.CappedPublicReturn(0.05, 0.3), contracts.CappedPublicReturn(0.03, 0.3)),
        (contracts.SeniorDebt(0.05), contracts.SeniorDebt(0.03)),
        (contracts.ExcessGiveUp(0.5, 0.08), contracts.ExcessGiveUp(0.5, 0.04)),
        (contracts.SharedHurdle(0.03, 0.3), contracts.SharedHurdle(0.03, 0.1)),
        (contracts.PrivatePriority(0.05), contracts.PrivatePriority(0.07)),
        (contracts.StakePut(0.2, 5.0), contracts.StakePut(0.3, 5.0)),
    ],
)
def test_more_of_a_term_is_worth_more(less, more):
    assert value(less).concession < value(more).concession


def test_options_gain_by_volatility_and_priority_of_the_public_is_no_gift():
    for contract in (YOZMA_2, contracts.LossGuarantee(0.5), contracts.ExcessGiveUp(0.5)):
        assert value(contract, volatility=0.6).concession > value(contract, volatility=0.3).concession > 0.0
    assert value(contracts.CappedPublicReturn(0.03, 0.4), volatility=0.3).concession < 0.0


@pytest.mark.parametrize(
    "contract",
    [
        contracts.Sequence((contracts.FirstLoss(0.1), contracts.ExcessGiveUp(0.3))),
        dataclasses.replace(YOZMA_2, profit_share=0.07),
        dataclasses.replace(YOZMA_2, first_year=5.0, last_year=5.0, profit_share=0.07),
    ],
)
def test_what_has_no_closed_form_says_so(contract):
    with pytest.raises(ValueError, match=f"{type(contract).__name__}: this contract has no closed form"):
        value(contract)


def test_a_portfolio_can_be_read():
    portfolio = public_portfolio(contracts.BuyOutOption(0.07, 5.0), 40.0, 60.0, 8.0)
    assert (portfolio.fund, portfolio.years, len(portfolio.calls), portfolio.puts) == (0.4, 5.0, 1, ())
    assert portfolio.calls[0] == pytest.approx((100.0 * 1.07**5, -0.4))


# --- discounting ---------------------------------------------------------------------------------------------------


def test_curve_is_interpolated_with_flat_forwards():
    curve = Discounting((1.0, 3.0), (0.98, 0.90))
    np.testing.assert_allclose(curve.at([0.0, 0.5, 1.0, 2.0, 3.0]), [1.0, 0.98**0.5, 0.98, (0.98 * 0.90) ** 0.5, 0.90])
    assert curve.at(5.0) == pytest.approx(0.90 * 0.90 / 0.98)
    np.testing.assert_allclose(FLAT.at([0.0, 0.25, 20.0]), [1.0, 1.02**-0.25, 1.02**-20.0])


@pytest.mark.parametrize(
    ("years", "factors"), [((), ()), ((1.0,), (0.9, 0.8)), ((2.0, 1.0), (0.9, 0.8)), ((1.0,), (0.0,))]
)
def test_wrong_curves_are_explained(years, factors):
    with pytest.raises(ValueError, match="a discount curve needs years that rise"):
        Discounting(years, factors)


# --- matching ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price_of_risk", [0.0, 0.4])
def test_a_lognormal_is_found_again(price_of_risk):
    # ln x = m + s z, M = P exp(−k z − k²/2): under M the mean of ln x is m − s k and its spread the same.
    spread, mean, years = 0.8, 4.0, 4.0
    receipts = np.exp(mean + spread * NORMAL)
    prices = 0.92 * np.exp(-price_of_risk * NORMAL - price_of_risk**2 / 2.0)
    match = match_lognormal(receipts, prices, years)
    assert match.volatility == pytest.approx(spread / np.sqrt(years), rel=0.01)
    assert match.discount == pytest.approx(0.92, rel=1e-3)
    assert match.forward == pytest.approx(np.exp(mean - spread * price_of_risk + spread**2 / 2.0), rel=0.005)
    # By definition, exactly: price and second moment under state prices.
    assert match.spot == pytest.approx(np.mean(prices * receipts), rel=1e-14)
    second = match.forward**2 * np.exp(match.volatility**2 * years)
    assert second == pytest.approx(np.mean(prices * receipts**2) / np.mean(prices), rel=1e-12)


def test_what_does_not_vary_has_no_volatility():
    assert match_lognormal([5.0, 5.0], [0.9, 0.8], 3.0).volatility == pytest.approx(0.0, abs=1e-12)
    assert match_lognormal([0.0, 0.0], [0.9, 0.8], 3.0)[:2] == (0.0, 0.0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([1.0], [1.0], 0.0), "years: must be above 0"),
        (([[1.0]], [[1.0]], 1.0), "receipts: expected one number for each path"),
        (([1.0], [0.0], 1.0), "state_prices: must be above 0"),
        (([-1.0], [1.0], 1.0), "receipts: amounts are positive"),
        (([1.0, 2.0], [1.0], 1.0), "columns"),
    ],
)
def test_wrong_receipts_are_explained(arguments, says):
    with pytest.raises(ValueError, match=says):
        match_lognormal(*arguments)


# --- simulated beside closed form -------------------------------------------------------------------------------------


def simulated_funds(in_parts):
    """Lognormal funds with priced risk over five years: all at once, or calls and distributions in parts."""
    public, private, received = np.zeros((3, NORMAL.size, 6))
    at_the_end = 110.0 * np.exp(0.9 * NORMAL - 0.405)
    prices = np.ones((NORMAL.size, 6)) * 1.02 ** -np.arange(6.0)
    prices[:, -1] *= np.exp(-0.3 * NORMAL - 0.045)
    if in_parts:
        public[:, :3], private[:, :3] = [10.0, 10.0, 20.0], [30.0, 20.0, 10.0]
        received[:, 3], received[:, -1] = 0.3 * at_the_end, 0.7 * at_the_end
    else:
        public[:, 0], private[:, 0], received[:, -1] = 40.0, 60.0, at_the_end
    return public, private, received, prices


CLOSED = [
    contracts.BuyOutOption(0.05, 5.0),
    contracts.LossGuarantee(0.75, claim_cap=0.3),
    contracts.FirstLoss(0.2),
    contracts.CappedPublicReturn(0.03, 0.3),
    contracts.TieredGiveUp(((1.0, 0.2), (1.5, 0.6))),
    contracts.SharedHurdle(0.03, 0.1),
    contracts.SeniorDebt(0.04),
    contracts.PrivatePriority(0.05),
    contracts.StakePut(0.3, 5.0),
    contracts.LossGuarantee(0.5, premium_rate=0.02),
]


@pytest.mark.parametrize("contract", CLOSED, ids=lambda contract: type(contract).__name__)
def test_lognormal_funds_that_pay_once_have_no_gap(contract):
    row = compare_concession(contract, *simulated_funds(in_parts=False))
    assert row.gap_of_timing == pytest.approx(0.0, abs=1e-9)
    assert row.simulated == pytest.approx(row.closed_form, abs=0.1)  # what 4,000 points miss of the tail
    assert row.contract == type(contract).__name__


@pytest.mark.parametrize("contract", [*CLOSED, YOZMA_2], ids=lambda contract: type(contract).__name__)
def test_a_gap_is_the_sum_of_its_parts(contract):
    row = compare_concession(contract, *simulated_funds(in_parts=True))
    assert row.simulated - row.closed_form == pytest.approx(row.gap_of_timing + row.gap_of_law, abs=1e-10)
    assert abs(row.gap_of_timing) > 1e-3
    assert row.standard_error > 0.0
    assert row.match.years == 5.0


def test_the_simulated_side_is_the_expectation_of_state_price_times_flow():
    public, private, received, prices = simulated_funds(in_parts=True)
    contract = contracts.LossGuarantee(0.75)
    row = compare_concession(contract, public, private, received, prices)
    given = contract.split(public, private, received)[1] - contracts.PariPassu().split(public, private, received)[1]
    assert row.simulated == pytest.approx(np.mean(np.sum(prices * given, axis=-1)), rel=1e-13)


def test_foresight_is_worth_more_than_an_option_where_money_has_no_price():
    # A right that lapses in year 2 of 5, used by who knows the end.
    public, private, received, prices = simulated_funds(in_parts=False)
    row = compare_concession(contracts.BuyOutOption(0.05, 2.0), public, private, received, np.ones_like(prices))
    assert row.gap_of_law > 1.0


def test_receipts_that_are_not_lognormal_leave_a_gap_of_law():
    public, private, received, prices = simulated_funds(in_parts=False)
    received[: NORMAL.size // 2, -1] = 0.0  # half of all funds lose everything
    row = compare_concession(contracts.LossGuarantee(0.75), public, private, received, prices)
    assert row.gap_of_timing == pytest.approx(0.0, abs=1e-9)
    assert abs(row.gap_of_law) > 0.5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"prices": np.zeros((NORMAL.size, 6))}, "state_prices: must be above 0"),
        ({"received": np.full((NORMAL.size, 6), math.nan)}, "distributions: every amount must be a finite number"),
    ],
)
def test_wrong_paths_are_explained(change, says):
    public, private, received, prices = simulated_funds(in_parts=False)
    received, prices = change.get("received", received), change.get("prices", prices)
    with pytest.raises(ValueError, match=says):
        compare_concession(contracts.PariPassu(), public, private, received, prices)


def test_paths_need_two_axes_and_two_columns():
    for flows in ([1.0, 1.0], [[1.0]]):
        with pytest.raises(ValueError, match="flows: expected paths and at least two columns"):
            compare_concession(contracts.PariPassu(), flows, flows, flows, flows)
