"""Measures at the edges: odd flows, wrong arguments, broadcasting, and other ways to the internal rate."""

import math
from collections import Counter

import numpy as np
import pytest
import pyxirr

from finance.fund import irr_kernel, measures
from finance.fund.measures import IrrStatus, irr, irr_status
from tests.unit.irr_twin import irr_twin, value

PAID_IN = [100.0, 50.0, 0.0, 0.0]
DISTRIBUTED = [0.0, 10.0, 60.0, 90.0]
INDEX = [100.0, 104.0, 101.0, 120.0]
NAV_OVER_TIME = [100.0, 145.0, 100.0, 30.0]
EQUIVALENTS = [
    measures.ks_pme,
    measures.ln_nav,
    measures.ln_pme,
    measures.pme_plus_scale,
    measures.pme_plus,
    measures.direct_alpha,
]


# --- internal rate -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flows", "rate", "status"),
    [
        ([-100.0, 110.0], 0.10, IrrStatus.FOUND),
        ([-100.0, 0.0, 121.0], 0.10, IrrStatus.FOUND),
        ([0.0, 0.0, -100.0, 110.0, 0.0], 0.10, IrrStatus.FOUND),
        ([100.0, -110.0], 0.10, IrrStatus.FOUND),
        ([-100.0, 60.0, 40.0], 0.0, IrrStatus.FOUND),
        ([-100.0, 50.0], -0.5, IrrStatus.FOUND),
        ([-1.0, 1e300], 1e300, IrrStatus.FOUND),
        ([-1e300, 1.0], -1.0, IrrStatus.FOUND),
        ([-100.0, 0.0, 0.0], -1.0, IrrStatus.TOTAL_LOSS),
        ([-100.0], -1.0, IrrStatus.TOTAL_LOSS),
        ([0.0, 0.0], math.nan, IrrStatus.NO_FLOW),
        ([100.0, 5.0], math.nan, IrrStatus.NO_OUTFLOW),
        ([-100.0, 5.0, -10.0], math.nan, IrrStatus.NO_ROOT),
        ([-100.0, 230.0, -132.5], math.nan, IrrStatus.NO_ROOT),
        ([-100.0, math.nan, 110.0], math.nan, IrrStatus.NOT_FINITE),
        ([-100.0, math.inf], math.nan, IrrStatus.NOT_FINITE),
    ],
)
def test_rate_and_status(flows, rate, status):
    assert irr(flows, periods_per_year=1) == pytest.approx(rate, rel=1e-12, abs=1e-14, nan_ok=True)
    assert irr_status(flows) == status


@pytest.mark.parametrize(
    ("growths", "nearest"),
    [
        ((1.10, 1.20), 0.10),
        ((0.80, 1.30), -0.20),  # ln 0.80 = -0.223 is nearer than ln 1.30 = 0.262
        ((0.75, 1.30), 0.30),  # ln 0.75 = -0.288 is not
        ((1.05, 1.10, 1.25), 0.05),
        ((1.10, 1.1001), 0.10),  # both inside one cell of the grid, found by the turn between them
        ((0.90, 0.9001), -0.0999),
        ((1.10, 1.10), 0.10),  # a double root: the value touches zero and turns back
        ((0.80, 0.80), -0.20),
        ((0.80, 1.25), 0.25),  # equally far: the positive one
        ((3.0, 40.0), 2.0),
        ((0.02, 0.1), -0.9),
    ],
)
def test_nearest_root_to_zero_is_taken_of_several(growths, nearest):
    # A polynomial with these roots in the growth factor a period; its coefficients are the flows.
    flows = -np.poly(growths)
    assert irr(flows, periods_per_year=1) == pytest.approx(nearest, rel=0, abs=1e-9)


def test_equally_far_root_is_positive_exactly():
    # (x - 2)(x - 1/2) times 2, exact in binary: ln 2 on both sides.
    assert irr([-2.0, 5.0, -2.0], periods_per_year=1) == pytest.approx(1.0, rel=1e-14)


def test_rate_is_annual_and_quarters_are_the_default():
    quarterly = [-100.0, 0.0, 0.0, 0.0, 110.0]
    assert irr(quarterly) == pytest.approx(0.10, rel=1e-13)
    assert irr(quarterly, periods_per_year=1) == pytest.approx(1.10**0.25 - 1, rel=1e-13)
    assert irr(quarterly, periods_per_year=12) == pytest.approx(1.331 - 1, rel=1e-13)


def test_statuses_are_counted_over_many_paths():
    flows = np.array([[-1.0, 2.0], [-1.0, 0.0], [0.0, 0.0], [-1.0, 0.5], [1.0, 1.0]])
    counts = Counter(IrrStatus(code).name for code in irr_status(flows))
    assert counts == {"FOUND": 2, "TOTAL_LOSS": 1, "NO_FLOW": 1, "NO_OUTFLOW": 1}


def test_search_out_of_steps_is_flagged(monkeypatch):
    flows = np.array([-1.0, 0.1, 0.2, 0.9, 1.4])
    search = irr_kernel.refine_growth.py_func
    assert search(flows, 0, 4, 0.0, irr_kernel.GROWTH_LIMIT, 0.0, True)[1] == irr_kernel.FOUND
    monkeypatch.setattr(irr_kernel, "MAX_STEPS", 2)
    assert search(flows, 0, 4, 0.0, irr_kernel.GROWTH_LIMIT, 0.0, True)[1] == irr_kernel.NOT_CONVERGED


def test_shapes_of_rates():
    flows = np.tile([-100.0, 0.0, 121.0], (2, 3, 1))
    assert irr(flows).shape == irr_status(flows).shape == (2, 3)
    assert isinstance(irr(flows[0, 0]), float)
    assert irr(np.empty((0, 5))).shape == (0,)
    assert irr([[-100, 110]], periods_per_year=1) == pytest.approx([0.10])


def test_flows_are_left_as_they_are_and_need_not_be_contiguous():
    flows = np.asfortranarray(np.random.default_rng(3).normal(size=(40, 9)))
    before = flows.copy()
    rates = irr(flows)
    np.testing.assert_array_equal(flows, before)
    np.testing.assert_array_equal(rates, irr(np.ascontiguousarray(flows)))
    np.testing.assert_array_equal(rates, [irr(row) for row in flows])


def test_vector_for_compiled_callers_equals_the_public_one():
    flows = np.random.default_rng(4).normal(size=(200, 7))
    assert [irr_kernel.irr_vector(row, 4.0) for row in flows] == pytest.approx(list(irr(flows)), nan_ok=True)


# --- the internal rate found in other ways ----------------------------------------------------------


def random_flows(n_paths, n_periods, seed):
    """Funds that call and then distribute, funds that mix both, noise, and sparse ones with many zeros."""
    generator = np.random.default_rng(seed)
    shape = (n_paths // 4, n_periods)
    calls_first = np.arange(n_periods) < n_periods // 3
    ordered = np.where(calls_first, -generator.exponential(size=shape), generator.lognormal(-0.5, 1.0, shape))
    mixed = generator.normal(size=shape) + np.linspace(-1.5, 1.8, n_periods)
    noise = generator.normal(size=shape)
    sparse = np.where(generator.random(shape) < 0.3, ordered, 0.0) * generator.lognormal(0.0, 8.0, shape)
    return np.concatenate([ordered, mixed, noise, sparse])


def test_readable_twin_finds_the_same_rates():
    flows = np.concatenate([random_flows(160, 9, seed=5), [[0.0] * 9, [-1.0] * 9, [1.0] * 9, [-1.0, 1.0] + [0.0] * 7]])
    rates = irr(flows, periods_per_year=1)
    twins = np.array([irr_twin(row) for row in flows])
    factors = 1 + rates
    is_within_reach = np.isnan(rates) | (rates == -1.0) | ((factors > 1e-5) & (factors < 1e5))
    assert is_within_reach.mean() > 0.9
    np.testing.assert_allclose(rates[is_within_reach], twins[is_within_reach], rtol=1e-9, atol=1e-11)


def test_roots_of_the_polynomial_give_the_same_rates():
    flows = np.random.default_rng(6).integers(-9, 10, size=(3000, 5)).astype(float)
    n_compared = 0
    for row, rate, status in zip(flows, irr(flows, periods_per_year=1), irr_status(flows), strict=True):
        roots = np.roots(np.trim_zeros(row))
        if status in (IrrStatus.NO_FLOW, IrrStatus.NO_OUTFLOW, IrrStatus.TOTAL_LOSS):
            assert not np.any((row > 0).any() and (row < 0).any())
            continue
        # An imaginary part of rounding size may be a double root or a pair beside the axis: undecided.
        if np.any((np.abs(roots.imag) > 0) & (np.abs(roots.imag) < 1e-5)):
            continue
        growths = roots.real[(roots.imag == 0) & (roots.real > 0)]
        n_compared += 1
        if growths.size == 0:
            assert status == IrrStatus.NO_ROOT
        else:
            distances = np.abs(np.log(growths))
            assert abs(math.log1p(rate)) == pytest.approx(distances.min(), rel=1e-7, abs=1e-7)
            assert np.min(np.abs(growths - 1 - rate)) < 1e-6
    assert n_compared > 2500


def test_ten_thousand_rates_against_pyxirr():
    flows = random_flows(10_000, 24, seed=7)
    rates = irr(flows, periods_per_year=1)
    statuses = irr_status(flows)
    n_changes = np.array([np.count_nonzero(np.diff(np.sign(row[row != 0]))) for row in flows])
    n_compared = n_several = 0
    for row, rate, status, changes in zip(flows, rates, statuses, n_changes, strict=True):
        other = pyxirr.irr(row / np.max(np.abs(row)), silent=True) if row.any() else None
        if other is None or not math.isfinite(other) or other <= -1:
            continue
        if abs(value(list(row), math.log1p(other))) > 1e-8 * value(list(np.abs(row)), math.log1p(other)):
            continue  # no root: pyxirr stopped at its tolerance on the unscaled value
        n_compared += 1
        assert status == IrrStatus.FOUND
        if changes == 1:
            assert math.log1p(rate) == pytest.approx(math.log1p(other), rel=1e-6, abs=1e-8)
        else:
            n_several += 1
            assert abs(math.log1p(rate)) <= abs(math.log1p(other)) + 1e-6
    assert n_compared > 7000
    assert n_several > 3000


# --- equivalents and multiples ------------------------------------------------------------------------


def test_modified_pme_by_hand_and_against_pyxirr():
    # Weights 0, 10/155, 60/160, 90/120 of positions 100, 154, 139.9038…, 103.8890…
    position_1 = 100 * 1.04 + 50
    payment_1 = position_1 * 10 / 155
    position_2 = (position_1 - payment_1) * 101 / 104
    payment_2 = position_2 * 60 / 160
    position_3 = (position_2 - payment_2) * 120 / 101
    expected = irr([-100.0, payment_1 - 50, payment_2, position_3], periods_per_year=1)
    rate = measures.mpme(PAID_IN, DISTRIBUTED, NAV_OVER_TIME, INDEX)
    assert rate == pytest.approx(expected, rel=1e-13)
    # pyxirr puts the value in the place of the last column's distribution, so there is none here.
    distributed = [*DISTRIBUTED[:3], 0.0]
    rate = measures.mpme(PAID_IN, distributed, NAV_OVER_TIME, INDEX)
    assert rate == pytest.approx(pyxirr.pe.m_pme_2(PAID_IN, distributed, INDEX, NAV_OVER_TIME), rel=1e-9)


def test_equivalents_against_pyxirr():
    # pyxirr puts the value in the place of the last column's distribution, so there is none here.
    distributed = [*DISTRIBUTED[:3], 0.0]
    fund = (PAID_IN, distributed, 110.0, INDEX)
    other = (PAID_IN, distributed, INDEX, 110.0)
    assert measures.ks_pme(*fund) == pytest.approx(pyxirr.pe.ks_pme_2(*other), rel=1e-12)
    assert measures.pme_plus_scale(*fund) == pytest.approx(pyxirr.pe.pme_plus_lambda_2(*other), rel=1e-12)
    assert measures.pme_plus(*fund) == pytest.approx(pyxirr.pe.pme_plus_2(*other), rel=1e-9)
    assert measures.direct_alpha(*fund) == pytest.approx(pyxirr.pe.direct_alpha_2(*other), rel=1e-9)
    assert measures.ln_nav(*fund) == pytest.approx(pyxirr.pe.ln_pme_nav_2(*other[:3]), rel=1e-12)
    assert measures.ln_pme(*fund) == pytest.approx(pyxirr.pe.ln_pme_2(*other[:3]), rel=1e-9)


@pytest.mark.parametrize("measure", EQUIVALENTS)
def test_index_and_value_broadcast(measure):
    paid_in = np.tile(PAID_IN, (3, 1))
    together = measure(paid_in, DISTRIBUTED, [0.0, 10.0, 30.0], np.array(INDEX)[np.newaxis])
    alone = [measure(PAID_IN, DISTRIBUTED, nav, INDEX) for nav in (0.0, 10.0, 30.0)]
    assert together.shape == (3,)
    np.testing.assert_array_equal(together, alone)
    assert isinstance(measure(PAID_IN, DISTRIBUTED, 30.0, INDEX), float)


@pytest.mark.parametrize("measure", EQUIVALENTS)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("place", range(4))
def test_whatever_is_not_finite_makes_only_its_own_path_nan(measure, bad, place):
    arguments = [np.tile(values, (2, 1)) for values in (PAID_IN, DISTRIBUTED, [[20.0]], INDEX)]
    arguments[2] = arguments[2][:, 0]
    whole = measure(*arguments)
    arguments[place][1, ...] = np.where(np.arange(4) == 2, bad, arguments[place][1]) if place != 2 else bad
    result = measure(*arguments)
    assert result[0] == whole[0]
    assert np.isfinite(whole[0])
    assert np.isnan(result[1])


@pytest.mark.parametrize("place", range(4))
def test_modified_pme_of_what_is_not_finite_is_nan(place):
    arguments = [list(values) for values in (PAID_IN, DISTRIBUTED, NAV_OVER_TIME, INDEX)]
    assert np.isfinite(measures.mpme(*arguments))
    arguments[place][1] = math.nan
    assert np.isnan(measures.mpme(*arguments))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_multiples_and_call_at_risk_of_what_is_not_finite_are_nan(bad):
    assert np.isnan(measures.dpi([bad, 1.0], [1.0, 1.0]))
    assert np.isnan(measures.dpi([1.0, 1.0], [1.0, bad]))
    assert np.isnan(measures.tvpi([1.0, 1.0], [1.0, 1.0], bad))
    assert np.isnan(measures.rvpi([bad, 1.0], 1.0))
    np.testing.assert_array_equal(measures.call_at_risk([[1.0, bad], [1.0, 2.0]]), [1.0, math.nan])


def test_without_capital_paid_in_there_is_no_multiple():
    assert np.isnan(measures.dpi([0.0, 0.0], [0.0, 5.0]))
    assert np.isnan(measures.tvpi([0.0, 0.0], [0.0, 5.0], 5.0))
    assert np.isnan(measures.ks_pme([0.0, 0.0], [0.0, 5.0], 5.0, [1.0, 1.0]))
    assert np.isnan(measures.pme_plus_scale([1.0, 0.0], [0.0, 0.0], 5.0, [1.0, 1.0]))
    assert np.isnan(measures.pme_plus([1.0, 0.0], [0.0, 0.0], 5.0, [1.0, 1.0]))


def test_fund_that_gives_nothing_back():
    nothing = [0.0] * 4
    assert measures.ks_pme(PAID_IN, nothing, 0.0, INDEX) == 0.0
    assert measures.direct_alpha(PAID_IN, nothing, 0.0, INDEX) == -1.0
    assert measures.dpi(PAID_IN, nothing) == measures.tvpi(PAID_IN, nothing, 0.0) == 0.0


def test_index_position_of_rounding_size_is_none():
    # All of it is sold at once, and the position left is rounding of either sign.
    index = np.array([3.0, 3.1, 4.0])
    paid_in = [0.1, 0.2, 0.0]
    worth = sum(paid * 4.0 / level for paid, level in zip(paid_in, index, strict=True))
    for receipt in (worth, np.nextafter(worth, 1.0)):
        rate = measures.ln_pme(paid_in, [0.0, 0.0, receipt], 0.0, index)
        assert rate == pytest.approx(irr([-0.1, -0.2, worth], periods_per_year=1), rel=1e-12)
    assert np.isnan(measures.ln_pme(paid_in, [0.0, 0.0, worth * 1.001], 0.0, index))


def test_rates_are_annual():
    for measure in (measures.ln_pme, measures.pme_plus, measures.direct_alpha):
        a_period = measure(PAID_IN, DISTRIBUTED, 20.0, INDEX)
        a_year = measure(PAID_IN, DISTRIBUTED, 20.0, INDEX, periods_per_year=4)
        assert 1 + a_year == pytest.approx((1 + a_period) ** 4, rel=1e-12)
    a_period = measures.mpme(PAID_IN, DISTRIBUTED, NAV_OVER_TIME, INDEX)
    a_year = measures.mpme(PAID_IN, DISTRIBUTED, NAV_OVER_TIME, INDEX, periods_per_year=4)
    assert 1 + a_year == pytest.approx((1 + a_period) ** 4, rel=1e-12)


def test_call_at_risk_is_the_quantile_over_paths():
    calls = np.column_stack([np.arange(101.0), 2.0 * np.arange(101.0)[::-1]])
    assert measures.call_at_risk(calls) == pytest.approx([95.0, 190.0])
    assert measures.call_at_risk(calls, probability=0.5) == pytest.approx([50.0, 100.0])
    assert measures.call_at_risk(calls[:, 0], probability=1.0) == 100.0


# --- wrong arguments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: irr(5.0), r"flows: expected an array with time"),
        (lambda: irr([]), r"at least one column, got shape \(0,\)"),
        (lambda: irr_status(np.empty((3, 0))), r"got shape \(3, 0\)"),
        (lambda: irr([[-1.0, 2.0], [-1.0]]), "regular array"),
        (lambda: irr(["much", "more"]), "flows: expected real numbers"),
        (lambda: irr([-1.0, 2.0], periods_per_year=0), "above 0, got 0"),
        (lambda: irr([-1.0, 2.0], periods_per_year=math.nan), "above 0, got nan"),
        (lambda: measures.dpi([1.0, 2.0], [1.0]), "paid_in has 2 columns but distributed has 1"),
        (lambda: measures.dpi(np.ones((2, 3)), np.ones((4, 3))), r"paid_in \(2, 3\), distributed \(4, 3\)"),
        (lambda: measures.dpi([-1.0, 0.0], [1.0, 0.0]), "paid_in: amounts are positive.*-1"),
        (lambda: measures.dpi([1.0, 0.0], [0.0, -1.0]), "distributed: amounts are positive"),
        (lambda: measures.rvpi([1.0, 0.0], -1.0), "nav: amounts are positive"),
        (
            lambda: measures.tvpi([1.0, 0.0], [0.0, 1.0], [1.0, 2.0]),
            "nav: is the value after the last column",
        ),
        (lambda: measures.tvpi(np.ones((2, 3)), np.ones(3), np.ones(4)), r"\(2,\), nav \(4,\)"),
        (lambda: measures.ks_pme(PAID_IN, DISTRIBUTED, 0.0, [1.0, 1.0]), "index has 2"),
        (lambda: measures.ks_pme(PAID_IN, DISTRIBUTED, 0.0, [1.0, 1.0, 0.0, 1.0]), "index: every level"),
        (lambda: measures.ks_pme(PAID_IN, DISTRIBUTED, NAV_OVER_TIME, INDEX), "at most 0 axes here"),
        (lambda: measures.ks_pme(np.ones((2, 4)), DISTRIBUTED, np.ones(3), INDEX), "do not broadcast"),
        (lambda: measures.mpme(PAID_IN, DISTRIBUTED, 30.0, INDEX), "nav: expected an array with time"),
        (lambda: measures.mpme(PAID_IN, DISTRIBUTED, [1.0, 30.0], INDEX), "nav has 2"),
        (lambda: measures.direct_alpha(PAID_IN, DISTRIBUTED, 0.0, INDEX, -1), "above 0, got -1"),
        (lambda: measures.call_at_risk([[1.0]], probability=95), "from 0 to 1, got 95"),
        (lambda: measures.call_at_risk(np.empty((0, 3))), "at least one path"),
        (lambda: measures.call_at_risk([1.0, -1.0]), "calls: amounts are positive"),
    ],
)
def test_wrong_arguments_are_explained(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_negative_amounts_of_rounding_size_pass():
    assert measures.dpi([100.0, -1e-12], [0.0, 50.0]) == pytest.approx(0.5)
    assert measures.rvpi([100.0, 0.0], -1e-12) == pytest.approx(0.0, abs=1e-13)
