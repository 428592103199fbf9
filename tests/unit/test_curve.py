"""The discount curve reprices the table it is made of, and QuantLib's global state stays as it was."""

import datetime
import threading

import numpy as np
import pytest

from finance.world.curve import discount_factors, instantaneous_forward

# ChinaBond government bond yields to maturity.
TENORS = (0.25, 0.5, 1.0, 3.0, 5.0, 7.0, 10.0, 30.0)
MARCH = (0.016724, 0.016813, 0.017825, 0.020812, 0.022168, 0.023294, 0.022926, 0.024857)
DECEMBER = (0.008205, 0.009680, 0.010393, 0.011531, 0.014059, 0.015930, 0.016929, 0.019476)
DAYS = (datetime.date(2024, 12, 27), datetime.date(2024, 12, 31), datetime.date(2024, 2, 29))


@pytest.mark.parametrize("as_of", DAYS)
@pytest.mark.parametrize("yields", [MARCH, DECEMBER, tuple(-rate for rate in MARCH)])
def test_reprices_its_inputs(as_of, yields):
    for tenor, rate in zip(TENORS, yields, strict=True):
        if tenor <= 1.0:
            price = discount_factors(as_of, TENORS, yields, tenor) * (1.0 + rate * tenor)
        else:
            coupons = discount_factors(as_of, TENORS, yields, np.arange(1.0, tenor + 1.0))
            price = rate * coupons.sum() + coupons[-1]
        assert price == pytest.approx(1.0, abs=1e-10)


def test_a_short_first_coupon_is_accrued():
    factors = discount_factors(DAYS[0], (1.0, 2.5), (0.02, 0.03), (0.5, 1.5, 2.5))
    assert 0.03 * (0.5 * factors[0] + factors[1] + factors[2]) + factors[2] == pytest.approx(1.0, abs=1e-10)


def test_one_at_time_zero_and_the_shape_of_the_times():
    factors = discount_factors(DAYS[0], TENORS, DECEMBER, [[0.0, 1.0, 2.0], [3.0, 40.0, 60.0]])
    assert factors.shape == (2, 3)
    assert factors[0, 0] == 1.0
    assert np.all(np.diff(factors.ravel()) < 0.0)


def test_the_last_forward_goes_on():
    forward = instantaneous_forward(DAYS[0], TENORS, DECEMBER, [29.0, 45.0])
    assert forward[1] == pytest.approx(forward[0], abs=1e-9)
    factors = discount_factors(DAYS[0], TENORS, DECEMBER, [30.0, 60.0])
    assert factors[1] == pytest.approx(factors[0] * np.exp(-30.0 * forward[0]), rel=1e-8)


def test_the_forward_is_the_slope_of_the_log_discount():
    times = np.array([0.1, 0.8, 2.2, 4.4, 8.1, 21.0, 50.0])
    step = 1e-3
    down, up = (discount_factors(DAYS[0], TENORS, DECEMBER, times + shift) for shift in (-step, step))
    slope = -np.log(up / down) / (2.0 * step)
    forward = instantaneous_forward(DAYS[0], TENORS, DECEMBER, times)
    np.testing.assert_allclose(forward, slope, atol=1e-9)


def test_a_flat_table_gives_a_flat_curve():
    factors = discount_factors(DAYS[0], (1.0, 5.0, 30.0), (0.03,) * 3, np.arange(1.0, 61.0))
    np.testing.assert_allclose(factors, 1.03 ** -np.arange(1.0, 61.0), rtol=1e-9)


def test_quantlibs_evaluation_date_is_left_alone():
    import QuantLib as ql  # noqa: N813

    before = ql.Settings.instance().evaluationDate
    discount_factors(DAYS[0], TENORS, DECEMBER, 5.0)
    assert ql.Settings.instance().evaluationDate == before


def test_threads_get_their_own_curves():
    alone = [discount_factors(DAYS[0], TENORS, yields, np.arange(61.0)) for yields in (MARCH, DECEMBER)]
    found: dict[int, np.ndarray] = {}

    def bootstrap(number):
        yields = (MARCH, DECEMBER)[number % 2]
        found[number] = discount_factors(DAYS[number % 3], TENORS, yields, np.arange(61.0))

    threads = [threading.Thread(target=bootstrap, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(8):
        np.testing.assert_array_equal(found[number], alone[number % 2])


@pytest.mark.parametrize(
    ("tenors", "yields", "times", "words"),
    [
        ((1.0, 2.0), (0.02,), 1.0, "as many yields"),
        ((), (), 1.0, "as many yields"),
        ((2.0, 1.0), (0.02, 0.02), 1.0, "must rise"),
        ((0.01, 1.0), (0.02, 0.02), 1.0, "whole numbers of months"),
        ((1.0, float("nan")), (0.02, 0.02), 1.0, "finite"),
        ((1.0,), (float("inf"),), 1.0, "finite"),
        ((1.0,), (0.02,), -0.1, "not negative"),
        ((1.0,), (0.02,), float("nan"), "not negative"),
    ],
)
def test_refuses(tenors, yields, times, words):
    with pytest.raises(ValueError, match=words):
        discount_factors(DAYS[0], tenors, yields, times)
