"""Known answers, quantile functions against SciPy, and the codes that say whose luck a draw is."""

import math

import numpy as np
import pytest
from scipy import special

from finance import luck

ALL_BITS = 0xFFFFFFFF
PINNED = [162732, 907768, 712060]


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ALL_BITS,) * 4, (ALL_BITS,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(counter, key, words):
    # Random123's kat_vectors for philox4x32-10.
    assert luck.philox(*counter, *key) == words
    assert luck.philox(*map(np.uint32, counter), *map(np.uint32, key)) == words


def test_purposes_are_distinct():
    names = ("BIRTH", "ROUND", "ATTEMPT", "DISTRESS", "EXIT", "FACTOR", "AUDIT", "WORLD", "SECTOR")
    assert [getattr(luck, name) for name in names] == list(range(1, 10))


def test_uniform_is_open_and_symmetric():
    assert luck.uniform(np.uint32(0)) == 2.0**-33
    assert luck.uniform(np.uint32(ALL_BITS)) == 1.0 - 2.0**-33
    assert luck.uniform(np.uint32(2**31)) + luck.uniform(np.uint32(2**31 - 1)) == 1.0


def test_normal_quantile_against_scipy():
    u = np.concatenate([np.logspace(-300, -1, 3001), np.linspace(0.001, 0.999, 3001), 1.0 - np.logspace(-15, -1)])
    expected = special.ndtri(u)
    found = np.array([luck.normal_quantile(value) for value in u])
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=0.0)


@pytest.mark.parametrize("shape", [0.05, 0.1, 0.5, 1.0, 2.5, 4.0, 30.0, 1e4, 1e6])
def test_gamma_quantile_against_scipy(shape):
    table = luck.gamma_table(shape)
    u = np.concatenate([np.logspace(-8, -0.31, 400), 1.0 - np.logspace(-8, -0.31, 400)])
    z = special.ndtri(u)
    found = np.array([luck.gamma_quantile(table, value) for value in z])
    lower = special.gammaincinv(shape, u) / shape
    upper = special.gammainccinv(shape, special.ndtr(-z)) / shape
    np.testing.assert_allclose(found, np.where(u < 0.5, lower, upper), rtol=1e-6)


def test_gamma_quantile_has_mean_one_and_the_variance_of_its_shape():
    nodes = (np.arange(200_000) + 0.5) / 200_000
    table = luck.gamma_table(2.5)
    draws = np.array([luck.gamma_quantile(table, z) for z in special.ndtri(nodes)])
    assert draws.mean() == pytest.approx(1.0, abs=1e-4)
    assert draws.var() == pytest.approx(1.0 / 2.5, rel=1e-3)


def test_gamma_quantile_of_tiny_shape_is_the_power_law_and_rises():
    # u = (shape g)^shape / Gamma(shape + 1) while g is small: far below the smallest double.
    table = luck.gamma_table(0.01)
    z = np.linspace(-7.0, 7.0, 2001)
    found = np.array([luck.gamma_quantile(table, value) for value in z])
    assert np.all(np.diff(found) >= 0.0)
    expected = (special.log_ndtr(-1.0) + special.gammaln(1.01)) / 0.01 - math.log(0.01)
    assert math.log(luck.gamma_quantile(table, -1.0)) == pytest.approx(expected, rel=1e-6)


def test_shape_zero_is_fixed_at_one():
    table = luck.gamma_table(0.0)
    assert table.shape == luck.gamma_table(2.0).shape
    assert {luck.gamma_quantile(table, z) for z in (-9.0, -6.5, 0.0, 1.234, 6.5, 9.0)} == {1.0}


@pytest.mark.parametrize("shape", [-0.1, math.nan, math.inf])
def test_gamma_table_refuses(shape):
    with pytest.raises(ValueError, match="gamma shape"):
        luck.gamma_table(shape)


@pytest.mark.parametrize("p", [0.03, 0.25, 0.9])
def test_geometric_quantile_inverts_its_distribution(p):
    for u in np.linspace(0.001, 0.999, 777):
        n = luck.geometric_quantile(u, p)
        assert n >= 1
        assert 1.0 - (1.0 - p) ** (n - 1) <= u + 1e-12
        assert u <= 1.0 - (1.0 - p) ** n + 1e-12


def test_geometric_quantile_at_its_ends():
    assert luck.geometric_quantile(0.999, 1.0) == 1
    assert luck.geometric_quantile(1.0 - 2.0**-33, 1e-12) == 2**31 - 1


def test_entrant_codes_and_slots_do_not_overlap():
    assert luck.entrant_code(-2048, 0) == 0
    assert luck.entrant_code(0, 7) == 2048 * 65536 + 7
    codes = {luck.entrant_code(year, ordinal) for year in (-12, -1, 0, 24) for ordinal in (0, 1, 64_999)}
    assert len(codes) == 12
    assert max(luck.COHORT_ORDINAL, luck.VEHICLE_ORDINAL, luck.WORLD_ORDINAL) < 2**16
    assert min(luck.COHORT_ORDINAL, luck.VEHICLE_ORDINAL, luck.WORLD_ORDINAL) >= luck.ORDINALS
    assert luck.slot(1, 0) == luck.slot(0, luck.SLOT_INDICES - 1) + 1
    assert luck.slot(2**20 - 1, luck.SLOT_INDICES - 1) == ALL_BITS
    assert luck.slot(np.uint32(2**20 - 1), 1) == (2**20 - 1) * 4096 + 1


def test_name_codes_are_pinned():
    # A changed hash would change every draw of every stage and class.
    assert [luck.name_code(name) for name in ("seed", "angel", "patient")] == PINNED
    assert luck.name_codes(["seed", "angel", "patient"]).tolist() == PINNED


def test_no_name_has_the_code_of_what_is_common():
    codes = [luck.name_code(f"name-{i}") for i in range(20_000)]
    assert min(codes) > luck.COMMON
    assert max(codes) < 2**20


def test_colliding_names_are_refused():
    seen: dict[int, str] = {}
    for i in range(10_000):
        name = f"stage-{i}"
        code = luck.name_code(name)
        if code in seen:
            break
        seen[code] = name
    with pytest.raises(ValueError, match=f'"{seen[code]}" and "{name}"'):
        luck.name_codes(["seed", seen[code], name])


def test_keys_of_seeds_and_pilots_never_meet():
    assert luck.key_of_seed(0) == (0, 0)
    assert luck.key_of_seed(2**32 + 5) == (5, 1)
    assert luck.key_of_seed(2**62 - 1) == (ALL_BITS, 2**30 - 1)
    assert luck.pilot_key(3) == (3, 2**31)
    assert all(type(word) is np.uint32 for word in (*luck.key_of_seed(9), *luck.pilot_key(9)))


@pytest.mark.parametrize("seed", [-1, 2**62, 1.0, "1", True, None])
def test_seeds_out_of_range_are_refused(seed):
    with pytest.raises(ValueError, match="whole number from 0 to"):
        luck.key_of_seed(seed)


@pytest.mark.parametrize("number", [-1, 2**32])
def test_pilot_numbers_out_of_range_are_refused(number):
    with pytest.raises(ValueError, match="pilot number"):
        luck.pilot_key(number)
