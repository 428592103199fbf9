"""The fixed point: beliefs → bids → simulated market → what is seen of it → beliefs. The only loop of the package.

Each of the pilots is a small fixed set of paths with luck of its own, the same for every scenario and whatever the user's
seed. Each has an equilibrium of its own; paths of a run are spread over the pilots, so that the error that a finite pilot
leaves is part of every interval.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance import luck
from finance.market.anderson import fixed_point
from finance.market.arrival import WindowLaw
from finance.market.beliefs import Beliefs, Counts, counted_beliefs, distance, empty_counts, mixed, starting_beliefs
from finance.market.counting import add_counts
from finance.market.grids import entrant_quality
from finance.market.packed import Era, Rules, pack_era, pack_terms
from finance.market.path import simulate_path
from finance.market.planner import planner_tables
from finance.market.records import empty_notes
from finance.market.returns import (
    Money,
    add_money,
    committed_by,
    empty_money,
    managers_see,
    net_returns,
    places_found,
    raised_a_year,
    supply_distance,
)
from finance.market.sight import eased
from finance.market.state import memory_for
from finance.market.tables import CompanyTables
from finance.market.terms import Floats, Names, Terms, planners_view
from finance.market.values import market_pass
from finance.policy.commitments import Commitments
from finance.world.kernel import fill_world
from finance.world.terms import WorldTerms

N_PILOTS = 4
PILOT_PATHS = 128
#: Beliefs stand when the visit-weighted change is below this. A finite pilot leaves a noise of this size.
TOLERANCE = 4.0e-3
MOST_ITERATIONS = 24
#: Damping. Selection overshoots (when more is funded those who come through are worse, and less is funded next), so full
#: steps cycle; after the first steps the step shrinks, which averages out the noise of the pilot.
_STEP, _FULL_STEPS = 0.35, 8
#: A residual that has not fallen below its lowest for so many shrunken steps is the noise of the pilot.
_STEPS_WITHOUT_GAIN = 4
_POOL_TOLERANCE, _MOST_POLISHING = 1.0e-12, 45
#: Where diagnostic solves start: closing and bridge odds.
STARTS = {"optimistic": 1.0, "pessimistic": 0.1}
_FIRST_ODDS = 0.9


class Setting(NamedTuple):
    """What an equilibrium is solved for."""

    terms: Terms
    names: Names
    window: WindowLaw
    rules: Rules
    planner: CompanyTables
    planner_by_quality: Floats
    world: WorldTerms


class Solution(NamedTuple):
    """One pilot's equilibrium."""

    beliefs: Beliefs
    offset: Beliefs  # what the pilot shows less what was believed: the noise that a finite pilot leaves
    era: Era
    committed: Commitments
    iterations: int
    residual: float


class PilotWorlds(NamedTuple):
    """The worlds of a pilot's paths."""

    index_ratio: Floats  # (path, quarter)
    window: NDArray[np.bool_]  # (path, quarter)
    sector_factor: Floats  # (path, sector, quarter)


def window_of(world: WorldTerms) -> WindowLaw:
    """The exit window as the induction sees it: stationary, without the index's tilt."""
    reopening = 1.0
    if world.window_open_share < 1.0:
        reopening = world.reopen_odds / (1.0 + world.reopen_odds) if np.isfinite(world.reopen_odds) else 1.0
    return WindowLaw(world.window_open_share, reopening)


def setting_of(
    terms: Terms, names: Names, world: WorldTerms, planner: tuple[CompanyTables, Floats] | None = None
) -> Setting:
    """Work out what does not change during a solve: the planner's values (unless given) and the packed rules."""
    window = window_of(world)
    tables, by_quality = planner or planner_tables(planners_view(terms), names, window)[:2]
    return Setting(terms, names, window, pack_terms(terms), tables, by_quality, world)


def pilot_worlds(setting: Setting, pilot: int, paths: int) -> PilotWorlds:
    """Worlds of a pilot's paths."""
    n, n_sectors = setting.terms.n_quarters, len(np.unique(setting.terms.base))
    worlds = PilotWorlds(np.zeros((paths, n)), np.zeros((paths, n), dtype=np.bool_), np.zeros((paths, n_sectors, n)))
    unused = np.zeros(n)
    key0, key1 = luck.pilot_key(pilot)
    for path in range(paths):
        fill_world(
            setting.world, key0, key1, path, worlds.index_ratio[path], unused, unused.copy(), worlds.window[path],
            worlds.sector_factor[path],
        )  # fmt: skip
    return worlds


def simulate_pilot(
    root: Era, own: Era, root_terms: Terms, setting: Setting, worlds: PilotWorlds, pilot: int
) -> tuple[Counts, Money]:
    """Simulate a pilot's paths; what was seen, counted, and the money that moved."""
    counts = empty_counts(setting.names)
    notes, scale = empty_notes(setting.terms, root_terms), 1
    money = empty_money(notes, len(setting.names.sectors), len(worlds.index_ratio))
    memory = memory_for(root_terms, setting.terms)
    key0, key1 = luck.pilot_key(pilot)
    for path in range(len(worlds.index_ratio)):
        while (
            simulate_path(
                root, own, key0, key1, path, worlds.index_ratio[path], worlds.window[path], worlds.sector_factor[path],
                memory, notes,
            )
            != 0
        ):  # fmt: skip
            scale *= 2
            memory = memory_for(root_terms, setting.terms, scale)
        add_counts(notes, counts)
        add_money(money, notes, path)
    return counts, money


def solve_pilot(
    setting: Setting,
    pilot: int,
    start: Beliefs,
    offset: Beliefs | None,
    root: Solution | None,
    root_terms: Terms,
    paths: int = PILOT_PATHS,
    watch: Callable[[int, float], None] | None = None,
) -> Solution:
    """Find one pilot's equilibrium.

    Parameters
    ----------
    setting : Setting
    pilot : int
        Which pilot's luck.
    start : Beliefs
        Where to start; returned untouched if it stands already.
    offset : Beliefs or None
        The noise left at the start by the same pilot under the baseline. It is taken off what the pilot shows, so that a
        scenario that changes nothing stands at once and one that does is not blurred by it. None for a first solve.
    root : Solution or None
        The root baseline's on this pilot: in force during the warm-up, and what returns are compared with; None if the
        setting is the root's own.
    root_terms : Terms
        The root baseline's terms, on the same axes.
    paths : int
        Paths of the pilot.
    watch : callable, optional
        Told of the iterations done and of the residual, before every step. What it raises breaks the solve off.

    Returns
    -------
    Solution
        With the causes' tables filled.
    """
    worlds = pilot_worlds(setting, pilot, paths)
    beliefs, iterations = start, 0
    lowest, lowest_at = np.inf, 0
    while True:
        counts, seen = look(setting, beliefs, root, root_terms, worlds, pilot, offset)
        residual = max(distance(seen, beliefs, counts), pool_distance(seen, beliefs))
        residual = max(residual, supply_distance(setting.terms, seen, beliefs, _home(root)))
        if watch is not None:
            watch(iterations, residual)
        if residual < lowest:
            lowest, lowest_at = residual, iterations
        is_noise = iterations >= max(_FULL_STEPS, lowest_at) + _STEPS_WITHOUT_GAIN
        if residual <= TOLERANCE or is_noise or iterations >= MOST_ITERATIONS:
            break
        iterations += 1
        is_silent = counts.wanted.sum() == 0.0  # nobody bids: nothing is seen, so there is nothing to damp
        beliefs = mixed(seen, beliefs, 1.0 if is_silent else _STEP * min(1.0, _FULL_STEPS / iterations))
    if iterations > 0 and offset is None:
        # a last full step, so that odds that are one are believed to be one, and pools that go with it to rounding
        beliefs = polished(setting, seen, committed_by(setting.terms, seen, _home(root)).capacity)
        counts, seen = look(setting, beliefs, root, root_terms, worlds, pilot)
        residual = max(distance(seen, beliefs, counts), pool_distance(seen, beliefs))
    if offset is None:
        beliefs = beliefs._replace(place=seen.place, queue=seen.queue, net_return=seen.net_return)
        offset = Beliefs(*map(np.subtract, seen, beliefs))
    return solution_from(setting, beliefs, offset, root, iterations, residual)


def solution_from(
    setting: Setting, beliefs: Beliefs, offset: Beliefs, root: Solution | None, iterations: int, residual: float
) -> Solution:
    """A solution from its beliefs: one pass gives its tables, those of causes too."""
    committed = committed_by(setting.terms, beliefs, _home(root))
    tables, _ = market_pass(
        setting.terms, setting.names, setting.window, beliefs, setting.planner_by_quality, committed.capacity
    )
    era = pack_era(setting.rules, tables, setting.planner, committed)
    return Solution(beliefs, offset, era, committed, iterations, residual)


def _home(root: Solution | None) -> Floats | None:
    """The returns that a scenario's are compared with."""
    return None if root is None else root.beliefs.net_return


def look(
    setting: Setting,
    beliefs: Beliefs,
    root: Solution | None,
    root_terms: Terms,
    worlds: PilotWorlds,
    pilot: int,
    noise: Beliefs | None = None,
) -> tuple[Counts, Beliefs]:
    """What a pilot shows when all hold these beliefs: the counts, and the beliefs they support, less its known noise.

    Of net returns nothing is taken off: the scenario's and the root's are seen on the same paths.
    """
    terms = setting.terms
    committed = committed_by(terms, beliefs, _home(root))
    tables, passed = market_pass(terms, setting.names, setting.window, beliefs, capacity=committed.capacity)
    own = pack_era(setting.rules, tables, setting.planner, committed)
    counts, money = simulate_pilot(root.era if root else own, own, root_terms, setting, worlds, pilot)
    counts = managers_see(counts, terms)
    seen = counted_beliefs(counts, passed, noise)
    share = _sub_fund_share(terms, committed)
    shares = (share, _sub_fund_share(root_terms, root.committed) if root else share)
    place, queue = places_found(money, terms, beliefs)
    raised = raised_a_year(terms, committed.capacity)
    expected = net_returns(money, terms, root_terms, shares, beliefs.net_return, eased(terms, beliefs.idle), raised)
    return counts, seen._replace(place=place, queue=queue, net_return=expected)


def _sub_fund_share(terms: Terms, committed: Commitments) -> float:
    """Public share of the programme's sub-funds; 0 without one."""
    return float(committed.public_share[terms.sub_fund_class]) if terms.sub_fund_class >= 0 else 0.0


def pool_distance(new: Beliefs, old: Beliefs) -> float:
    """Largest total variation between the pools of a stage, old and new."""
    return float(0.5 * np.abs(new.pool - old.pool).sum(axis=-1).max())


def polished(setting: Setting, beliefs: Beliefs, capacity: Floats) -> Beliefs:
    """The same beliefs with the pools that go with them, to rounding.

    What is counted carries the error of a finite pilot; pools are worked out, so they can be exact given the rest. The
    limit in which the market does what the planner does needs them exact. `capacity` (class,) is what is committed.
    """

    def image(pool: Floats) -> Floats:
        believed = beliefs._replace(pool=pool)
        _, passed = market_pass(setting.terms, setting.names, setting.window, believed, capacity=capacity)
        return passed.pool

    n_stages = len(setting.names.stages)
    return beliefs._replace(pool=fixed_point(image, beliefs.pool, _POOL_TOLERANCE, _MOST_POLISHING, n_stages))


def first_beliefs(setting: Setting, odds: float = _FIRST_ODDS) -> Beliefs:
    """Where a root baseline's solve, or a diagnostic one, starts."""
    terms = setting.terms
    entrants = entrant_quality(terms.lemon_share, terms.lemon_quality_mean, terms.lemon_quality_sd)
    return starting_beliefs(setting.names, entrants, odds, terms)
