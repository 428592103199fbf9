"""Anderson's acceleration: the same point as patient plain steps, in fewer of them, and exact in the tails."""

import numpy as np
import pytest

from finance.market.anderson import fixed_point

WEIGHTS = np.exp(-0.5 * np.linspace(-9.0, 9.0, 61) ** 2)


def tilted(law):
    """A law whose tilt answers to its own mean: what is more is followed by less, so that full steps cycle."""
    mean = (law * np.linspace(-9.0, 9.0, 61)).sum(axis=-1, keepdims=True)
    moved = WEIGHTS * np.exp(-1.6 * (mean - 0.7) * np.linspace(-1.0, 1.0, 61))
    return moved / moved.sum(axis=-1, keepdims=True)


def damped(image, law, steps=4000):
    for _ in range(steps):
        law = 0.3 * image(law) + 0.7 * law
    return law


@pytest.fixture
def start():
    return np.broadcast_to(WEIGHTS / WEIGHTS.sum(), (3, 61))


def test_the_point_is_that_of_damped_steps_to_its_smallest_parts(start):
    found = fixed_point(tilted, start, 1e-14, 200, plain_steps=1)
    np.testing.assert_allclose(found, damped(tilted, start), rtol=1e-10)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0)


def test_it_takes_fewer_steps_than_damped_ones(start):
    calls = []

    def counted(law):
        calls.append(1)
        return tilted(law)

    found = fixed_point(counted, start, 1e-12, 200)
    assert np.abs(tilted(found) - found).sum(axis=-1).max() < 1e-11
    needed, law = 0, start
    while 0.5 * np.abs(tilted(law) - law).sum(axis=-1).max() >= 1e-12:
        law, needed = 0.5 * tilted(law) + 0.5 * law, needed + 1
    assert len(calls) < needed / 2


def test_a_point_that_stands_is_returned_at_once(start):
    there = fixed_point(tilted, start, 1e-14, 200)
    calls = []

    def counted(law):
        calls.append(1)
        return tilted(law)

    fixed_point(counted, there, 1e-12, 200)
    assert len(calls) == 1


def test_the_number_of_steps_is_bounded(start):
    def wandering(law):
        return np.roll(law, 1, axis=-1)

    found = fixed_point(wandering, start, 1e-12, 7, plain_steps=2)
    assert np.isfinite(found).all()
    assert (found >= 0.0).all()
