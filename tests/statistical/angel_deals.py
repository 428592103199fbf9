"""Angels' deals one by one, which only the readable market tells: who would gain from an exemption of their gains."""

import numpy as np

from finance.market.equilibrium import committed_by, pilot_worlds
from finance.market.values import market_pass
from finance.running.equilibria import Equilibria
from finance.scenario import load_scenario
from tests.readable import books
from tests.readable.cases import World, one_era

PILOT = 0


def angels_deals(monkeypatch, paths, workers=2):
    """Paid and received of each deal of angels with the cohort that has ended in the baseline, by path.

    The readable market runs on the compiled equilibrium's own bids, on the first pilot's worlds.
    """
    solved = Equilibria(workers=workers).solved(load_scenario("baseline"))
    setting, solution = solved.prepared.setting, solved.solutions[PILOT]
    committed = committed_by(setting.terms, solution.beliefs, None)
    tables, _ = market_pass(
        setting.terms, setting.names, setting.window, solution.beliefs, setting.planner_by_quality, committed.capacity
    )
    angel, ended = setting.names.classes.index("angel"), []

    def settle(economy, venture, holding, received, category):
        if venture.row is not None and holding.vehicle.capital_class == angel:
            ended[-1].append((holding.paid, received))
        return plain_settle(economy, venture, holding, received, category)

    plain_settle = books.settle
    monkeypatch.setattr(books, "settle", settle)
    worlds = pilot_worlds(setting, PILOT, paths)
    for path in range(paths):
        ended.append([])
        world = World(worlds.index_ratio[path], worlds.window[path], worlds.sector_factor[path])
        one_era(setting.terms._replace(capacity=committed.capacity), tables, setting.planner, world).run(path)
    return [np.array(deals).reshape(-1, 2) for deals in ended]


def top_share(relief, part=0.1):
    """Share of the whole that the largest part of the deals has."""
    largest = np.sort(relief)[::-1][: max(1, round(part * len(relief)))]
    return float(largest.sum() / relief.sum())
