"""Every random draw of the model; nothing else in the package draws.

A draw is a pure function of who it is for: key = the seed, counter = (path, entrant, slot, purpose). No state
is carried from draw to draw, so neither the order of evaluation nor a venture that died moves another's luck,
and two scenarios face the same luck.

What the four words of a call feed. A purpose is a number that is never used again, not even when what it fed
is gone; a spare word may be given a meaning later, a word with a meaning may not be given another.

=========  ==  =====================  ===================  ====================  ==============
purpose     n  word 0                 word 1               word 2                word 3
=========  ==  =====================  ===================  ====================  ==============
BIRTH       1  quality component      quality              sector                spare
ROUND       2  signal                 queue tie            offer occurs          offer premium
ATTEMPT     3  time                   milestone, own part  spare                 spare
DISTRESS    4  occurs                 recovery             spare                 spare
EXIT        5  value                  trade-sale wait      spare                 spare
FACTOR      6  common factor          spare                spare                 spare
AUDIT       7  honoured               spare                spare                 spare
WORLD       8  index shock            rate shock           integrated rate       exit window
SECTOR      9  shock                  spare                spare                 spare
PLATFORM   10  finds a place (twin)   spare                spare                 spare
SIGHT      11  manager's own noise    spare                spare                 spare
PLACE      12  where it is            spare                spare                 spare
EXTENSION  13  partners agree         spare                spare                 spare
=========  ==  =====================  ===================  ====================  ==============

The entrant is a cohort year and an ordinal (`entrant_code`); the slot a hash of the *name* of a stage, class
or sector with the attempt or the quarter (`slot`), so that adding a stage or a class moves no other draw.
Every quantity takes a fixed number of uniforms through its quantile function, so a changed parameter moves it
smoothly.
"""

import hashlib
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finance.compiling import njit
from finance.language import message

BIRTH = 1
ROUND = 2
ATTEMPT = 3
DISTRESS = 4
EXIT = 5
FACTOR = 6
AUDIT = 7
WORLD = 8
SECTOR = 9
PLATFORM = 10
SIGHT = 11
PLACE = 12
EXTENSION = 13

FIRST_YEAR = -2048
"""Earliest cohort year of `entrant_code`, relative to the year the levers switch on."""
ORDINALS = 65_000
"""Entrants a year must stay below this; ordinals from here on belong to no entrant."""
COHORT_ORDINAL, VEHICLE_ORDINAL, WORLD_ORDINAL = 65_000, 65_001, 65_002
"""Owners of luck that are no entrants: a cohort's common factors, a vintage's vehicles, the world."""
SLOT_INDICES = 4096
"""Attempts or quarters under one name must stay below this."""
COMMON = 0
"""Slot code of what belongs to no name; `name_code` never gives it."""
SEEDS = 2**62
"""Seeds run from 0 up to, not including, this."""

_LOW_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)


@njit
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Four random words of a counter and a key: Philox4x32-10.

    Parameters
    ----------
    c0, c1, c2, c3 : int
        Counter, 32 bits each: path, entrant, slot, purpose.
    k0, k1 : int
        Key, 32 bits each, from `key_of_seed` or `pilot_key`.

    Returns
    -------
    tuple of four uint32

    Notes
    -----
    Ten rounds of two 32 × 32 → 64 bit products, exclusive-or and a swap; the key moves by two constants.
    Everything is held in uint64 because Numba widens a uint32 product to signed 64 bits.

    References
    ----------
    Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", SC '11.
    """
    x0 = np.uint64(c0) & _LOW_WORD
    x1 = np.uint64(c1) & _LOW_WORD
    x2 = np.uint64(c2) & _LOW_WORD
    x3 = np.uint64(c3) & _LOW_WORD
    key0 = np.uint64(k0) & _LOW_WORD
    key1 = np.uint64(k1) & _LOW_WORD
    for _ in range(10):
        product0 = _MULTIPLIER_0 * x0
        product1 = _MULTIPLIER_1 * x2
        x0 = (product1 >> _HALF) ^ x1 ^ key0
        x2 = (product0 >> _HALF) ^ x3 ^ key1
        x1 = product1 & _LOW_WORD
        x3 = product0 & _LOW_WORD
        key0 = (key0 + _WEYL_0) & _LOW_WORD
        key1 = (key1 + _WEYL_1) & _LOW_WORD
    return np.uint32(x0), np.uint32(x1), np.uint32(x2), np.uint32(x3)


@njit
def uniform(word: Any) -> float:
    """Turn a 32-bit word into a number strictly between 0 and 1: (word + ½) ÷ 2³²."""
    return float((word + 0.5) * 2.0**-32)


@njit
def normal_quantile(u: float) -> float:
    """Quantile function of the standard normal distribution.

    Parameters
    ----------
    u : float
        Probability, strictly between 0 and 1.

    Returns
    -------
    float
        z with Φ(z) = u, to about 1e-15 relative.

    References
    ----------
    Wichura (1988), "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics
    37(3), routine PPND16.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _ratio_centre(r)
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    z = _ratio_shoulder(r - 1.6) if r <= 5.0 else _ratio_tail(r - 5.0)
    return -z if q < 0.0 else z


@njit(inline="always")
def _ratio_centre(r: float) -> float:
    top = 2509.0809287301226727 * r + 33430.575583588128105
    top = (top * r + 67265.770927008700853) * r + 45921.953931549871457
    top = (top * r + 13731.693765509461125) * r + 1971.5909503065514427
    top = (top * r + 133.14166789178437745) * r + 3.387132872796366608
    bottom = 5226.495278852545925 * r + 28729.085735721942674
    bottom = (bottom * r + 39307.89580009271061) * r + 21213.794301586595867
    bottom = (bottom * r + 5394.1960214247511077) * r + 687.1870074920579083
    bottom = (bottom * r + 42.313330701600911252) * r + 1.0
    return top / bottom


@njit(inline="always")
def _ratio_shoulder(r: float) -> float:
    top = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
    top = (top * r + 0.24178072517745061177) * r + 1.27045825245236838258
    top = (top * r + 3.64784832476320460504) * r + 5.7694972214606914055
    top = (top * r + 4.6303378461565452959) * r + 1.42343711074968357734
    bottom = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
    bottom = (bottom * r + 0.0151986665636164571966) * r + 0.14810397642748007459
    bottom = (bottom * r + 0.68976733498510000455) * r + 1.6763848301838038494
    bottom = (bottom * r + 2.05319162663775882187) * r + 1.0
    return top / bottom


@njit(inline="always")
def _ratio_tail(r: float) -> float:
    top = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
    top = (top * r + 0.0012426609473880784386) * r + 0.026532189526576123093
    top = (top * r + 0.29656057182850489123) * r + 1.7848265399172913358
    top = (top * r + 5.4637849111641143699) * r + 6.6579046435011037772
    bottom = 2.04426310338993978564e-15 * r + 1.4215117583164458887e-7
    bottom = (bottom * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4
    bottom = (bottom * r + 0.0148753612908506148525) * r + 0.13692988092273580531
    bottom = (bottom * r + 0.59983220655588793769) * r + 1.0
    return top / bottom


GAMMA_REACH = 6.5
"""The gamma table spans ±6.5 in the normal coordinate; a 32-bit uniform reaches ±6.36."""


def gamma_table(shape: float, n: int = 257) -> NDArray[np.float64]:
    """Tabulate the gamma distribution with mean 1 for `gamma_quantile`.

    Parameters
    ----------
    shape : float
        Shape, 0 to 1e6; the variance is 1 ÷ shape. By convention 0 stands for no spread at all.
    n : int
        Number of nodes. With 257 the quantile is right to 1e-6 relative.

    Returns
    -------
    ndarray of shape (2n,)
        At equally spaced points of the normal coordinate the log of the quantile (even places) and its slope
        per node (odd places).

    Raises
    ------
    ValueError
        If the shape is not a number from 0 to 1e6.

    Notes
    -----
    The log is tabulated because the quantile itself spans hundreds of decades when the shape is small. Slopes
    are exact, d ln g/dz = φ(z) ÷ (g f(g)), not differences.
    """
    if not 0.0 <= shape <= 1e6:
        raise ValueError(message("world.gamma_shape", shape=str(shape)))
    if shape == 0.0:
        return np.zeros(2 * n)
    from scipy import special  # costs a second; only where a table is built

    z = np.linspace(-GAMMA_REACH, GAMMA_REACH, n)
    low = special.gammaincinv(shape, special.ndtr(np.minimum(z, 0.0)))
    high = special.gammainccinv(shape, special.ndtr(-np.maximum(z, 0.0)))
    # As x → 0 the distribution function is x^shape ÷ Γ(shape + 1), exact to the bit long before x underflows.
    log_small = (special.log_ndtr(z) + special.gammaln(shape + 1.0)) / shape
    is_small = (log_small < math.log(1e-30)) & (z < 0.0)
    amount = np.where(is_small, 1.0, np.where(z < 0.0, low, high))
    log_amount = np.where(is_small, log_small, np.log(amount))
    log_density = shape * log_amount - np.exp(log_amount) - special.gammaln(shape)
    slope = np.exp(-0.5 * z * z - 0.5 * math.log(2.0 * math.pi) - log_density)
    return np.column_stack([log_amount - math.log(shape), slope * (z[1] - z[0])]).ravel()


@njit
def gamma_quantile(table: NDArray[np.float64], z: float) -> float:
    """Quantile function of the gamma distribution with mean 1.

    Parameters
    ----------
    table : ndarray of shape (2n,)
        From `gamma_table`.
    z : float
        The probability in the normal coordinate, `normal_quantile` of a uniform.

    Returns
    -------
    float
        Cubic Hermite interpolation of the table; exactly 1 for the table of shape 0. Beyond ±6.5, which no
        uniform reaches, the value at the end.
    """
    last = table.shape[0] // 2 - 1
    position = (z + GAMMA_REACH) * (last / (2.0 * GAMMA_REACH))
    position = min(max(position, 0.0), float(last))
    node = min(int(position), last - 1)
    t = position - node
    value, slope = table[2 * node], table[2 * node + 1]
    rise, next_slope = table[2 * node + 2] - value, table[2 * node + 3]
    bend = 3.0 * rise - 2.0 * slope - next_slope
    twist = slope + next_slope - 2.0 * rise
    return math.exp(value + t * (slope + t * (bend + t * twist)))


@njit
def geometric_quantile(u: float, p: float) -> int:
    """Count the trials up to and with the first success.

    Parameters
    ----------
    u : float
        Probability, strictly between 0 and 1.
    p : float
        Chance of success in one trial, above 0, at most 1.

    Returns
    -------
    int
        At least 1; smallest n with 1 − (1 − p)ⁿ > u, held below 2³¹.
    """
    if p >= 1.0:
        return 1
    return 1 + int(min(math.log1p(-u) / math.log1p(-p), 2147483646.0))


@njit
def entrant_code(year: int, ordinal: int) -> int:
    """Pack an entrant's cohort year and ordinal into 32 bits.

    Parameters
    ----------
    year : int
        Cohort year, relative to the year the levers switch on: −2048 to 63487; negative in the warm-up.
    ordinal : int
        Place within the year, below `ORDINALS`, or one of the owners of luck from there on.

    Returns
    -------
    int
        (year + 2048) · 2¹⁶ + ordinal.
    """
    return int(((np.int64(year) - FIRST_YEAR) << 16) | np.int64(ordinal))


@njit
def slot(code: int, index: int) -> int:
    """Pack a name's code (20 bits) with an attempt or quarter (12 bits, below `SLOT_INDICES`)."""
    return int((np.int64(code) << 12) | np.int64(index))


def name_code(name: str) -> int:
    """Hash a name to 1 … 2²⁰ − 1, the same on every machine and in every version.

    Parameters
    ----------
    name : str
        Machine name of a stage, class, sector or vehicle.

    Returns
    -------
    int
        Never `COMMON`.
    """
    digest = hashlib.blake2b(name.encode("utf-8"), digest_size=8).digest()
    return 1 + int.from_bytes(digest, "little") % (2**20 - 1)


def name_codes(names: Iterable[str]) -> NDArray[np.uint32]:
    """Hash the names of one kind, refusing two that would share their luck.

    Parameters
    ----------
    names : iterable of str
        Names that draw under the same purpose.

    Returns
    -------
    ndarray of uint32 of shape (n_names,)
        In the order given.

    Raises
    ------
    ValueError
        If two names have the same code (the same name twice included).
    """
    owner: dict[int, str] = {}
    for name in names:
        code = name_code(name)
        if code in owner:
            raise ValueError(message("world.name_collision", first=owner[code], second=name))
        owner[code] = name
    return np.array(list(owner), dtype=np.uint32)


def key_of_seed(seed: int) -> tuple[np.uint32, np.uint32]:
    """Key of the user's seed.

    Parameters
    ----------
    seed : int
        0 to 2⁶² − 1.

    Returns
    -------
    k0, k1 : uint32
        The two highest bits of ``k1`` are free; pilots have the highest one.

    Raises
    ------
    ValueError
        If the seed is no whole number within the range.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= int(seed) < SEEDS:
        raise ValueError(message("world.seed", seed=str(seed), highest=str(SEEDS - 1)))
    return np.uint32(int(seed) & 0xFFFFFFFF), np.uint32(int(seed) >> 32)


def pilot_key(pilot_number: int) -> tuple[np.uint32, np.uint32]:
    """Key of a pilot run: a fixed stream, which no seed of a user can reach.

    Parameters
    ----------
    pilot_number : int
        0 to 2³² − 1.

    Returns
    -------
    k0, k1 : uint32

    Raises
    ------
    ValueError
        If the number is out of range.
    """
    if not 0 <= pilot_number < 2**32:
        raise ValueError(message("world.pilot_number", number=str(pilot_number)))
    return np.uint32(pilot_number), np.uint32(0x80000000)
