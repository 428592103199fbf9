"""Compiled steps of the backward induction on true quality (`values` calls them in order).

Within a stage the outcome hangs on true quality q and on the stage's own signal s, because holders decide on bridges and
extensions with that signal in hand; between stages on q alone, because later signals are new draws. Hence arrays here
are ``(quality, signal[, life])`` and what passes from stage to stage is ``(quality[, life])``.

Bridges and extensions are paid at the price of the continuing value, which knows the stage's signal but not the quality.
They dilute a stake by cash ÷ that value whatever the quality: the weak gain by it, the good lose. Only where holders take
up their share of every round (`rights`) does one cost the holder of a share x of the company x times the cash.
"""

from __future__ import annotations

import numpy as np

from finance.compiling import njit
from finance.market.conventions import LONGEST_ATTEMPT, QUARTERS_A_YEAR
from finance.market.terms import Floats

LIFE_STEP = QUARTERS_A_YEAR
"""Nodes of the life axis stand a year apart: 0, 4, 8 … quarters left."""


@njit
def share_at_least(excess: Floats, share: Floats) -> None:
    """Compiled form of `grids.share_at_least`: fills `share`."""
    n = len(excess)
    share[:] = 0.0
    share[0] = 0.5 * (excess[0] >= 0.0)
    share[n - 1] += 0.5 * (excess[n - 1] >= 0.0)
    for j in range(n - 1):
        left, right = excess[j], excess[j + 1]
        if left >= 0.0 and right >= 0.0:
            share[j] += 0.5
            share[j + 1] += 0.5
        elif left < 0.0 <= right:
            crossing = left / (left - right)
            share[j] += 0.5 * (1.0 - crossing) ** 2
            share[j + 1] += 0.5 * (1.0 - crossing**2)
        elif right < 0.0 <= left:
            crossing = left / (left - right)
            share[j] += 0.5 - 0.5 * (1.0 - crossing) ** 2
            share[j + 1] += 0.5 * crossing**2


@njit
def kept_through(cost: float, value: float, rights: float) -> float:
    """Part of a stake kept where cash is paid in at a price: what holders do not take up dilutes by cost ÷ value."""
    return rights + (1.0 - rights) * max(0.0, 1.0 - cost / value) if value > 0.0 else rights


@njit
def extension_values(
    time: Floats,
    outlast: Floats,
    cost: float,
    factor: float,
    patience: int,
    odds: float,
    rights: float,
    settled: Floats,
    decide: bool,
    weight: Floats,
    spent: Floats,
    value: Floats,
    go: Floats,
    kept: Floats,
) -> None:
    """Value of an attempt just extended by a year, by quarters elapsed, and whether the extension is worth its cost.

    Parameters
    ----------
    time, outlast : ndarray of shape (elapsed,)
        Law of the attempt's time.
    cost : float
        Cash of one extension, CNY million.
    factor : float
        Quarterly discount factor.
    patience : int
        No extension this many quarters after the start or later.
    odds : float
        Probability that the holders have the money for a worthwhile extension.
    rights : float
        Share of an extension that holders take up in proportion to their stakes; the rest dilutes.
    settled : ndarray of shape (signal,)
        Expected value at the moment the attempt is settled.
    decide : bool
        Whether to fill `go` and `kept` from the values; otherwise they are taken as given.
    weight, spent, value, go, kept : ndarray of shape (elapsed, signal)
        Filled: value = weight × settled − spent; share of the signal node at which value >= cost; part of a stake kept
        through an extension.
    """
    year = factor**QUARTERS_A_YEAR
    weight[:] = 0.0
    spent[:] = 0.0
    value[:] = 0.0
    if decide:
        go[:] = 0.0
    for elapsed in range(LONGEST_ATTEMPT - 1, 0, -1):
        if outlast[elapsed] < 1e-12:
            continue
        within = 0.0
        for j in range(1, QUARTERS_A_YEAR + 1):
            if elapsed + j <= LONGEST_ATTEMPT:
                within += time[elapsed + j] / outlast[elapsed] * factor**j
        after = elapsed + QUARTERS_A_YEAR
        on = 0.0
        if after < patience and after < LONGEST_ATTEMPT:
            on = outlast[after] / outlast[elapsed] * year * odds
        for s in range(len(settled)):
            more = on * go[after, s] if on > 0.0 else 0.0
            weight[elapsed, s] = within
            if more > 0.0:
                weight[elapsed, s] += more * kept[after, s] * weight[after, s]
                spent[elapsed, s] = more * (kept[after, s] * spent[after, s] + rights * cost)
            value[elapsed, s] = weight[elapsed, s] * settled[s] - spent[elapsed, s]
        if decide:
            share_at_least(value[elapsed] - cost, go[elapsed])
            for s in range(len(settled)):
                kept[elapsed, s] = kept_through(cost, value[elapsed, s], rights)


@njit
def attempt_start(
    time: Floats,
    outlast: Floats,
    runway: int,
    cost: float,
    factor: float,
    patience: int,
    odds: float,
    rights: float,
    weight: Floats,
    spent: Floats,
    go: Floats,
    kept: Floats,
    start_weight: Floats,
    start_spent: Floats,
) -> None:
    """Weight on the settled value, and expected cash of extensions, at an attempt's start (fills the last two)."""
    within = 0.0
    for elapsed in range(1, runway + 1):
        within += time[elapsed] * factor**elapsed
    on = outlast[runway] * factor**runway * odds if runway < patience and runway < LONGEST_ATTEMPT else 0.0
    for s in range(len(start_weight)):
        more = on * go[runway, s]
        start_weight[s] = within
        start_spent[s] = 0.0
        if more > 0.0:
            start_weight[s] += more * kept[runway, s] * weight[runway, s]
            start_spent[s] = more * (kept[runway, s] * spent[runway, s] + rights * cost)


@njit
def holding_values(
    time: Floats,
    outlast: Floats,
    runway: int,
    cost: float,
    factor: float,
    patience: int,
    odds: float,
    settled: Floats,
    value: Floats,
    go: Floats,
    holding: Floats,
) -> None:
    """Value of an attempt under way, by quarters elapsed; cash runs out at the end of the runway, then every year."""
    for elapsed in range(holding.shape[0]):
        for s in range(holding.shape[1]):  # an assignment of the whole takes Numba several seconds more to compile
            holding[elapsed, s] = 0.0
    for elapsed in range(LONGEST_ATTEMPT):
        if outlast[elapsed] < 1e-12:
            continue
        dry = runway  # when the cash in hand runs out
        while dry <= elapsed:
            dry += QUARTERS_A_YEAR
        within = 0.0
        for quarter in range(elapsed + 1, min(dry, LONGEST_ATTEMPT) + 1):
            within += time[quarter] / outlast[elapsed] * factor ** (quarter - elapsed)
        rest = 0.0
        if dry < patience and dry < LONGEST_ATTEMPT:
            rest = odds * outlast[dry] / outlast[elapsed] * factor ** (dry - elapsed)
        for s in range(len(settled)):
            more = rest * go[dry, s] if rest > 0.0 else 0.0
            holding[elapsed, s] = within * settled[s]
            if more > 0.0:
                holding[elapsed, s] += more * (value[dry, s] - cost)


@njit
def life_node(quarters: float, nodes: int) -> tuple[int, float]:
    """Lower node of the life axis and the weight of the one above it."""
    place = quarters / LIFE_STEP
    lower = min(int(place), nodes - 1)
    upper_weight = place - lower
    if lower >= nodes - 1:
        return nodes - 1, 0.0
    return lower, upper_weight


@njit
def start_operator(
    time: Floats, outlast: Floats, runway: int, factor: float, nodes: int, move: Floats, sale: Floats, onward: Floats
) -> None:
    """Carry values over the first cash of an attempt when the vehicle's life runs out on the way.

    Fills `move` ``(life, life)``: weight of the settled value with that much life left then; `sale` ``(life,)``: weight
    of the sale at the end of life; `onward` ``(life, life)``: weight of the extended attempt at the runway's end.
    """
    move[:] = 0.0
    sale[:] = 0.0
    onward[:] = 0.0
    for n in range(nodes):
        life = n * LIFE_STEP
        for quarter in range(1, min(runway, life - 1) + 1):
            lower, upper = life_node(life - quarter, nodes)
            weight = time[quarter] * factor**quarter
            move[n, lower] += weight * (1.0 - upper)
            if upper > 0.0:
                move[n, lower + 1] += weight * upper
        if life == 0:
            sale[n] = 1.0
        elif life <= runway:
            sale[n] = outlast[life - 1] * factor**life
        else:
            lower, upper = life_node(life - runway, nodes)
            weight = outlast[runway] * factor**runway
            onward[n, lower] += weight * (1.0 - upper)
            if upper > 0.0:
                onward[n, lower + 1] += weight * upper


@njit
def extended_operator(
    time: Floats,
    outlast: Floats,
    elapsed: int,
    more: float,
    kept: float,
    paid: float,
    factor: float,
    later: Floats,
    operator: Floats,
) -> None:
    """An attempt just extended by a year, to a holder with limited life: settled, sold as life ends, or extended again.

    Values by life are affine in what a settled attempt is worth, in what a sale brings and in the cash of extensions. An
    operator ``(life, life + 2)`` holds the weights: of the settled value by life left, of the sale, and a constant.
    `more` is the chance of a further extension (0 beyond patience), `kept` the part of a stake kept through it, `paid`
    the cash that holders put in for a whole company, `later` its operator; fills `operator`.
    """
    nodes = operator.shape[0]
    sale, constant = nodes, nodes + 1
    operator[:] = 0.0
    operator[0, sale] = 1.0
    first = time[elapsed + 1 : elapsed + 5] / outlast[elapsed] if elapsed + 4 <= LONGEST_ATTEMPT else time[:0]
    rest = outlast[elapsed + 4] / outlast[elapsed] if elapsed + 4 <= LONGEST_ATTEMPT else 0.0
    for n in range(1, nodes):
        for j in range(1, len(first) + 1):
            if n == 1 and j == LIFE_STEP:
                break
            weight = first[j - 1] * factor**j / LIFE_STEP
            operator[n, n] += weight * (LIFE_STEP - j)
            operator[n, n - 1] += weight * j
        if n == 1 and len(first) == LIFE_STEP:
            operator[n, sale] += (first[LIFE_STEP - 1] + rest) * factor**LIFE_STEP
        elif more > 0.0:
            chance = rest * factor**LIFE_STEP * more
            for m in range(nodes + 2):
                operator[n, m] += chance * kept * later[n - 1, m]
            operator[n, constant] -= chance * paid


@njit
def attempt_operator(
    time: Floats,
    outlast: Floats,
    runway: int,
    paid: float,
    factor: float,
    patience: int,
    odds: float,
    go: Floats,
    kept: Floats,
    start: tuple[Floats, Floats, Floats],
    operator: Floats,
) -> None:
    """One attempt from its start, for one signal's extensions (`go` and `kept`, by quarters elapsed).

    `paid` is what holders put into one for a whole company, `start` what `start_operator` filled; fills `operator` (see
    `extended_operator`).
    """
    move, at_end, onward = start
    nodes = operator.shape[0]
    sale, constant = nodes, nodes + 1
    operator[:, :nodes] = move
    operator[:, sale] = at_end
    operator[:, constant] = 0.0
    if runway >= patience or runway >= LONGEST_ATTEMPT - QUARTERS_A_YEAR or outlast[runway] <= 1e-9:
        return
    chance = odds * go[runway]
    if chance <= 0.0:
        return
    last = runway
    while last + QUARTERS_A_YEAR < min(patience, LONGEST_ATTEMPT - QUARTERS_A_YEAR) and outlast[last] > 1e-9:
        last += QUARTERS_A_YEAR
    later, extended = np.zeros(operator.shape), np.zeros(operator.shape)
    elapsed = last
    while elapsed >= runway:
        if outlast[elapsed] > 1e-12:
            after = elapsed + QUARTERS_A_YEAR
            more = odds * go[after] if elapsed < last else 0.0
            left = kept[after] if elapsed < last else 1.0
            extended_operator(time, outlast, elapsed, more, left, paid, factor, later, extended)
        else:
            extended[:] = 0.0
        later[:] = extended
        elapsed -= QUARTERS_A_YEAR
    for n in range(nodes):
        for m in range(nodes):
            if onward[n, m] > 0.0:
                for column in range(nodes + 2):
                    operator[n, column] += onward[n, m] * chance * kept[runway] * later[m, column]
                operator[n, constant] -= onward[n, m] * chance * paid


@njit
def attempt_by_life(
    time: Floats,
    outlast: Floats,
    runway: int,
    paid: float,
    factor: float,
    patience: int,
    odds: float,
    go: Floats,
    kept: Floats,
    settled: Floats,
    sale: Floats,
    value: Floats,
) -> None:
    """Value of one attempt at its start to a holder with limited life.

    Parameters
    ----------
    time, outlast, runway, factor, patience, odds
        As in `extension_values`.
    paid : float
        Cash that holders of the whole company put into an extension; what they do not put in dilutes them.
    go, kept : ndarray of shape (elapsed, signal)
        Share of the signal node at which an extension is made; part of a stake kept through it.
    settled : ndarray of shape (quality, signal, life)
        Value when the attempt is settled; at life 0 what a sale brings then.
    sale : ndarray of shape (quality, signal)
        What a sale brings during the attempt, discount taken.
    value : ndarray of shape (quality, signal, life)
        Filled.

    Notes
    -----
    Where decisions on extensions and their prices are the same as at the signal before, so is the operator.
    """
    n_quality, n_signal, nodes = settled.shape
    start = (np.zeros((nodes, nodes)), np.zeros(nodes), np.zeros((nodes, nodes)))
    start_operator(time, outlast, runway, factor, nodes, start[0], start[1], start[2])
    operator = np.zeros((nodes, nodes + 2))
    for s in range(n_signal):
        if s == 0 or not (np.array_equal(go[:, s], go[:, s - 1]) and np.array_equal(kept[:, s], kept[:, s - 1])):
            attempt_operator(time, outlast, runway, paid, factor, patience, odds, go[:, s], kept[:, s], start, operator)
        for q in range(n_quality):
            for n in range(nodes):
                total = operator[n, nodes] * sale[q, s] + operator[n, nodes + 1]
                for m in range(n + 1):
                    total += operator[n, m] * settled[q, s, m]
                value[q, s, n] = total
