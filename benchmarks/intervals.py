"""Do 95 % intervals hold? ``python -m benchmarks.intervals``: 100 seeds × 300 paths against one long run.

The long run has paths of its own (another seed), so its own error, a tenth of a short run's, is part of the count.
"""

from finance import load_scenario, simulate

SEEDS, PATHS, LONG_PATHS, LONG_SEED = 100, 300, 60_000, 1_000_003
MEASURES = ("coverage", "coverage_rounds", "coverage_value", "gap_ratio", "exits", "social_value", "economic_cost")


def main() -> None:
    """Count, for each headline measure, how many of the intervals hold the long run's value."""
    scenario = load_scenario("baseline")
    long = simulate(scenario, paths=LONG_PATHS, seed=LONG_SEED).tables["headline"].set_index("measure")["value"]
    held = dict.fromkeys(MEASURES, 0)
    for seed in range(SEEDS):
        rows = simulate(scenario, paths=PATHS, seed=seed).tables["headline"].set_index("measure")
        for measure in MEASURES:
            held[measure] += bool(rows.loc[measure, "low"] <= long[measure] <= rows.loc[measure, "high"])
    for measure, n in held.items():
        print(f"{measure:<20}{n / SEEDS:>8.0%} of {SEEDS} intervals hold {long[measure]:.5g}")


if __name__ == "__main__":
    main()
