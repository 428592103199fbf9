"""Prices of options against closed forms, a twin, parity and limits."""

import math
import threading

import numpy as np
import pytest

from finance.world.options import american, bermudan, european
from tests.unit.options_twin import bermudan_twin, black_twin

KINDS = ["call", "put"]
YEARS = np.arange(1.0, 9.0)
CURVE = np.exp(-np.cumsum(np.linspace(0.01, 0.03, 8)))


@pytest.mark.parametrize("kind", KINDS)
def test_one_date_is_blacks_formula(kind):
    spot, strike = np.array([0.5, 1.0, 40.0])[:, None], np.array([0.7, 1.0, 60.0])
    for volatility, discount, years in ((0.2, 0.9, 1.0), (0.8, 1.05, 20.0), (0.05, 0.5, 0.25)):
        price = european(kind, spot, strike, volatility, discount, years)
        assert price.shape == (3, 3)
        expected = black_twin(kind, spot, strike, volatility, discount, years)
        np.testing.assert_allclose(price, expected, rtol=1e-11, atol=1e-13)


def test_put_call_parity():
    generator = np.random.default_rng(6)
    spot, strike, volatility = 100.0 * generator.random(200), 100.0 * generator.random(200), generator.random(200)
    discount, years = 0.5 + generator.random(200), 20.0 * generator.random(200)
    call, put = (european(kind, spot, strike, volatility, discount, years) for kind in KINDS)
    np.testing.assert_allclose(call - put, spot - discount * strike, rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    ("arguments", "call", "put"),
    [
        ((100.0, 90.0, 0.0, 0.9, 5.0), 100.0 - 81.0, 0.0),
        ((100.0, 120.0, 0.0, 0.9, 5.0), 0.0, 8.0),
        ((100.0, 90.0, 0.3, 1.0, 0.0), 10.0, 0.0),
        ((100.0, 0.0, 0.3, 0.9, 5.0), 100.0, 0.0),
        ((0.0, 90.0, 0.3, 0.9, 5.0), 0.0, 81.0),
    ],
)
def test_limits_of_one_date(arguments, call, put):
    assert european("call", *arguments) == pytest.approx(call, abs=1e-12)
    assert european("put", *arguments) == pytest.approx(put, abs=1e-12)


def test_limits_are_reached():
    assert european("call", 100.0, math.inf, 0.3, 0.9, 5.0) == 0.0
    assert european("call", 100.0, 1e12, 0.3, 0.9, 5.0) == pytest.approx(0.0, abs=1e-9)
    assert european("call", 100.0, 90.0, 1e-9, 0.9, 5.0) == pytest.approx(19.0, abs=1e-9)
    assert european("call", 100.0, 90.0, 50.0, 0.9, 5.0) == pytest.approx(100.0)
    assert bermudan("call", 100.0, [math.inf, math.inf], [1.0, 2.0], 0.3, [0.9, 0.8]) == 0.0
    assert bermudan("call", 100.0, [90.0, 101.0], [1.0, 2.0], 0.0, [0.9, 0.8]) == pytest.approx(19.2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("volatility", [0.15, 0.6, 1.2])
def test_several_dates_with_their_own_prices_against_the_twin(kind, volatility):
    strikes = np.where(YEARS <= 4.0, 30.0 * 1.01**YEARS, 30.0 * 1.05**YEARS)
    price = bermudan(kind, 28.0, strikes, YEARS, volatility, CURVE)
    assert price == pytest.approx(bermudan_twin(kind, 28.0, strikes, YEARS, volatility, CURVE), rel=5e-4)
    singly = european(kind, 28.0, strikes, volatility, CURVE, YEARS)
    assert price >= singly.max() - 1e-3
    assert price <= singly.sum()


def test_a_right_never_gains_by_fewer_dates_or_higher_prices():
    strikes = np.where(YEARS <= 4.0, 30.0 * 1.01**YEARS, 30.0 * 1.05**YEARS)
    whole = bermudan("call", 28.0, strikes, YEARS, 0.5, CURVE)
    for used in (slice(0, 4), slice(4, 8), slice(0, 8, 2)):
        assert bermudan("call", 28.0, strikes[used], YEARS[used], 0.5, CURVE[used]) <= whole + 1e-3
    assert bermudan("call", 28.0, 1.1 * strikes, YEARS, 0.5, CURVE) < whole
    never = np.where(YEARS == 4.0, strikes, math.inf)
    assert bermudan("call", 28.0, never, YEARS, 0.5, CURVE) == pytest.approx(
        float(european("call", 28.0, strikes[3], 0.5, CURVE[3], 4.0))
    )


def test_a_call_whose_price_does_not_rise_faster_than_money_waits_to_the_end():
    # Nothing is paid out and the price earns as little as money: Merton (1973).
    strikes = 30.0 / CURVE
    last = float(european("call", 28.0, strikes[-1], 0.5, CURVE[-1], 8.0))
    assert bermudan("call", 28.0, strikes, YEARS, 0.5, CURVE) == pytest.approx(last, rel=2e-4)
    assert american("call", 28.0, 30.0, 0.5, 0.02, 8.0) == pytest.approx(
        float(european("call", 28.0, 30.0, 0.5, 1.02**-8, 8.0)), rel=1e-6
    )


def test_many_dates_come_close_to_any_time():
    years = np.arange(1, 401) / 200
    price = bermudan("put", 36.0, [40.0] * 400, years, 0.4, 1.06**-years)
    at_any_time = american("put", 36.0, 40.0, 0.4, 0.06, 2.0)
    assert at_any_time - 0.01 < price < at_any_time
    assert american("put", 20.0, 40.0, 0.0, 0.06, 2.0) == 20.0
    assert american("call", 40.0, 20.0, 0.0, -0.06, 2.0) == 20.0


def test_quantlibs_evaluation_date_is_left_alone():
    import QuantLib as ql  # noqa: N813

    before = ql.Settings.instance().evaluationDate
    bermudan("put", 36.0, [40.0, 40.0], [1.0, 2.0], 0.4, [0.95, 0.9])
    american("put", 36.0, 40.0, 0.4, 0.06, 2.0)
    assert ql.Settings.instance().evaluationDate == before


def test_threads_get_their_own_prices():
    def price(number):
        return bermudan("put", 30.0 + number, [40.0] * 4, [1.0, 2.0, 3.0, 4.0], 0.4, 1.03 ** -np.arange(1.0, 5.0))

    alone, found = [price(number) for number in range(6)], {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: price(n)})) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(6)] == alone


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: european("straddle", 1.0, 1.0, 0.2, 0.9, 1.0), "kind: expected call or put, got straddle"),
        (lambda: european("call", -1.0, 1.0, 0.2, 0.9, 1.0), "spot: expected numbers of at least 0"),
        (lambda: european("call", math.inf, 1.0, 0.2, 0.9, 1.0), "spot"),
        (lambda: european("put", 1.0, math.inf, 0.2, 0.9, 1.0), "strike"),
        (lambda: european("call", 1.0, 1.0, math.nan, 0.9, 1.0), "volatility"),
        (lambda: european("call", 1.0, 1.0, 0.2, 0.0, 1.0), "discount factors must be finite and above 0"),
        (lambda: european("call", 1.0, 1.0, 0.2, 0.9, -1.0), "years"),
        (lambda: bermudan("call", 1.0, [1.0], [1.0, 2.0], 0.2, [0.9, 0.8]), "dates that rise"),
        (lambda: bermudan("call", 1.0, [], [], 0.2, []), "dates that rise"),
        (lambda: bermudan("call", 1.0, [1.0, 1.0], [2.0, 1.0], 0.2, [0.9, 0.8]), "dates that rise"),
        (lambda: bermudan("call", 1.0, [1.0, 0.0], [1.0, 2.0], 0.2, [0.9, 0.8]), "strike above 0"),
        (lambda: bermudan("put", 1.0, [1.0, math.inf], [1.0, 2.0], 0.2, [0.9, 0.8]), "only strikes of a call"),
        (lambda: bermudan("put", 1.0, [1.0, 1.0], [1.0, 1.0 + 1e-9], 0.2, [0.9, 0.8]), "dates that rise"),
        (lambda: american("put", 1.0, 1.0, -0.2, 0.05, 1.0), "volatility"),
    ],
)
def test_refuses(make, says):
    with pytest.raises(ValueError, match=says):
        make()
