"""Sums over paths: right, the same bits however they are split, resumable."""

import threading

import numpy as np
import pytest

from finance.outcome.registry import Registry
from finance.outcome.sums import LEAF_PATHS, Plan, Tree, leaf_shift, leaf_sums
from finance.running import threads
from finance.running.blocks import (
    check_block_paths,
    check_paths,
    check_workers,
    default_block_paths,
    sum_block,
)
from finance.running.checkpoint import Checkpoint
from finance.running.threads import RunCancelled, run
from tests.synthetic_paths import JOINT_REGISTRY, LAYOUT, REGISTRY, ArraySource, simulated

PATHS = 1000  # 15 leaves and a short one
VECTORS = simulated(PATHS)


def assert_same_bits(one, other):
    assert one.counts.tobytes() == other.counts.tobytes()
    assert one.shift.tobytes() == other.shift.tobytes()
    assert one.values.tobytes() == other.values.tobytes()


# --- sums ---


@pytest.mark.parametrize("n_scenarios", [1, 2, 3])
@pytest.mark.parametrize("baseline", [0, -1])
def test_every_kept_moment_is_the_sum_of_products(n_scenarios, baseline):
    baseline %= n_scenarios
    vectors = VECTORS[:n_scenarios, :70]
    sums = run(ArraySource(vectors, baseline=baseline), JOINT_REGISTRY, 70, workers=1)
    x = vectors - sums.shift[:, None]
    n, width = n_scenarios, LAYOUT.width
    s, i, t, j = np.meshgrid(range(n), range(width), range(n), range(width), indexing="ij")
    place = sums.plan.address(s, i, t, j)
    for group in range(4):
        products = np.einsum("spi,tpj->sitj", x[:, group::4], x[:, group::4])
        kept = place >= 0
        np.testing.assert_allclose(sums.values[group][place[kept]], products[kept], rtol=1e-12, atol=1e-9)
        np.testing.assert_allclose(sums.totals[group], x[:, group::4].sum(axis=1), rtol=1e-12, atol=1e-9)


def test_what_is_needed_is_kept():
    plan = Plan(JOINT_REGISTRY, ("a", "b", "c"), 1, 4)
    pairs = {(int(i), int(j)) for i, j in JOINT_REGISTRY.pairs}
    pairs |= {(int(i), int(j)) for vector in JOINT_REGISTRY.vectors for i in vector for j in vector}
    pairs |= {(i, i) for i in range(LAYOUT.width)}
    headline = {(int(i), int(j)) for i, j in JOINT_REGISTRY.headline_pairs}
    for i in range(LAYOUT.width):
        for j in range(LAYOUT.width):
            is_pair = (i, j) in pairs or (j, i) in pairs
            is_headline = (i, j) in headline or (j, i) in headline
            for s, t in [(0, 0), (1, 1), (0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0)]:
                wanted = is_pair if s == t or 1 in (s, t) else is_headline
                place = plan.address(*(np.array([each]) for each in (s, i, t, j)))
                assert (place[0] >= 0) == wanted, (s, i, t, j)


def test_counts_are_the_paths_of_each_pilot_group():
    sums = run(ArraySource(VECTORS), REGISTRY, PATHS - 1, workers=1)
    assert sums.counts.tolist() == [250, 250, 250, 249]
    assert sums.paths == PATHS - 1
    np.testing.assert_allclose(sums.means(), VECTORS[:, : PATHS - 1].mean(axis=1), rtol=1e-12)


@pytest.mark.parametrize("paths", [1, 3, 64, 65, 700, PATHS])
def test_bits_do_not_depend_on_blocks_or_workers(paths):
    wanted = run(ArraySource(VECTORS), JOINT_REGISTRY, paths, workers=1, block_paths=64)
    for block_paths in (64, 256, 1024, None):
        for workers in (1, 2, 3):
            sums = run(ArraySource(VECTORS), JOINT_REGISTRY, paths, workers=workers, block_paths=block_paths)
            assert_same_bits(sums, wanted)


def test_bits_do_not_depend_on_the_order_of_blocks():
    plan = Plan(REGISTRY, ("a", "b", "c"), 0, 4)
    shift = leaf_shift(VECTORS)
    blocks = [(first, VECTORS[:, first : first + 128]) for first in range(0, PATHS, 128)]
    wanted = None
    for seed in range(6):
        tree = Tree(PATHS)
        for place in np.random.default_rng(seed).permutation(len(blocks)):
            first, vectors = blocks[place]
            node = sum_block(plan, vectors, shift, first, PATHS)
            tree.add(node.level, node.index, node.counts, node.values)
        counts, values = tree.root()
        assert counts.sum() == PATHS
        wanted = values.tobytes() if wanted is None else wanted
        assert values.tobytes() == wanted


def test_the_tree_keeps_few_nodes():
    leaves = 1000
    tree = Tree(leaves * LEAF_PATHS)
    most = 0
    for leaf in range(leaves):
        tree.add(0, leaf, np.array([64]), np.array([[1.0]]))
        most = max(most, len(tree.nodes))
    assert most <= 10
    assert tree.root()[1].item() == leaves


def test_a_used_array_serves_a_short_leaf():
    plan = Plan(REGISTRY, ("a", "b", "c"), 0, 4)
    shift = leaf_shift(VECTORS)
    used = np.full((4, plan.length), np.nan)
    counts, values = leaf_sums(plan, VECTORS[:, :2], shift, used)
    assert counts.tolist() == [1, 1, 0, 0]
    np.testing.assert_array_equal(values, leaf_sums(plan, VECTORS[:, :2], shift)[1])


def test_large_numbers_do_not_drown_their_variance():
    vectors = VECTORS + 1e9
    sums = run(ArraySource(vectors), REGISTRY, PATHS, workers=1)
    i = LAYOUT.index("cost")
    place = sums.plan.address(*(np.array([each]) for each in (0, i, 0, i)))
    total = sums.totals[:, 0, i].sum()
    variance = (sums.values[:, place].sum() - total**2 / PATHS) / (PATHS - 1)
    assert variance == pytest.approx(VECTORS[0, :, i].var(ddof=1), rel=1e-5)


@pytest.mark.parametrize(
    ("scenarios", "baseline", "n_pilots"), [((), 0, 4), (("a", "a"), 0, 4), (("a",), 1, 4), (("a",), 0, 3)]
)
def test_a_plan_must_make_sense(scenarios, baseline, n_pilots):
    with pytest.raises(ValueError, match=r"scenario|n_pilots"):
        Plan(REGISTRY, scenarios, baseline, n_pilots)


# --- running ---


@pytest.mark.parametrize("paths", [0, -1, 10_000_001, 1.5, "9", True, None])
def test_paths_out_of_range_are_refused(paths):
    with pytest.raises(ValueError, match=r"paths = .* 1 to 10,000,000"):
        check_paths(paths)


@pytest.mark.parametrize("workers", [0, 2000, 1.0])
def test_workers_out_of_range_are_refused(workers):
    with pytest.raises(ValueError, match="workers"):
        check_workers(workers)


@pytest.mark.parametrize("block_paths", [0, 63, 100, 192, -64, 64.0, 2**21, "64"])
def test_a_block_is_64_times_a_power_of_two(block_paths):
    with pytest.raises(ValueError, match="64 times a power of two"):
        check_block_paths(block_paths)
    assert check_block_paths(64) == 64
    assert check_block_paths(np.int64(2048)) == 2048


def test_run_checks_what_it_is_given():
    for options in ({"paths": 0}, {"workers": 0}, {"block_paths": 65}):
        with pytest.raises(ValueError, match=r"paths|workers"):
            run(ArraySource(VECTORS), REGISTRY, **({"paths": 64} | options))
    other = Registry(type(LAYOUT)(LAYOUT.components[:2]), [])
    with pytest.raises(ValueError, match="layout"):
        run(ArraySource(VECTORS), other, 64)


def test_default_blocks_are_bounded():
    plan = Plan(REGISTRY, ("a",), 0, 4)
    assert default_block_paths(plan, 10_000_000, 2) == 1024
    assert default_block_paths(plan, 2000, 2) == 128
    assert default_block_paths(plan, 1, 64) == 64


def test_few_blocks_are_alive():
    """A block is alive from its start until it has been added up; however slow the adding, few are."""
    source = ArraySource(VECTORS)
    simulate = source.path_vectors
    alive, finished = [], [0]

    def counted(first, last):
        vectors = simulate(first, last)
        alive.append(len(source.calls) - finished[0])
        return vectors

    source.path_vectors = counted

    def added(done, total):
        finished[0] = done // 64

    run(source, REGISTRY, 960, workers=2, block_paths=64, progress=added)
    assert len(alive) == 15
    assert max(alive) <= 4


def test_progress_is_told_of_every_block():
    told = []
    run(ArraySource(VECTORS), REGISTRY, PATHS, workers=2, block_paths=256, progress=lambda *n: told.append(n))
    assert len(told) == 5
    assert told[0] == (0, PATHS)
    assert told[-1] == (PATHS, PATHS)
    assert told == sorted(told)


def test_numbers_that_are_not_finite_are_named():
    vectors = VECTORS.copy()
    vectors[1, 70, LAYOUT.index("filled", stage="all")] = np.nan
    with pytest.raises(FloatingPointError, match="scenario b, component filled, path 70"):
        run(ArraySource(vectors), REGISTRY, 128, workers=1)


def test_sums_that_overflow_are_refused():
    vectors = VECTORS.copy()
    vectors[0, 70, 0] = 1e200
    with pytest.raises(FloatingPointError, match="too large"), np.errstate(over="ignore"):
        run(ArraySource(vectors), REGISTRY, 128, workers=1, block_paths=64)


def test_vectors_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="path_vectors gave"):
        run(ArraySource(VECTORS.astype(np.float32)), REGISTRY, 64, workers=1)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_failing_first_block_ends_the_run(workers):
    source = ArraySource(VECTORS)
    simulate = source.path_vectors

    def failing(first, last):
        if first == 0:
            raise ZeroDivisionError
        return simulate(first, last)

    source.path_vectors = failing
    with pytest.raises(ZeroDivisionError):
        run(source, REGISTRY, PATHS, workers=workers, block_paths=64)


def test_a_cancelled_run_says_how_far_it_got():
    cancel = threading.Event()

    def progress(done, total):
        if done >= 256:
            cancel.set()

    with pytest.raises(RunCancelled, match=r"of 1,000 paths"):
        run(ArraySource(VECTORS), REGISTRY, PATHS, workers=2, block_paths=64, progress=progress, cancel=cancel)
    with pytest.raises(RunCancelled, match="0 of"):
        run(ArraySource(VECTORS), REGISTRY, PATHS, workers=2, cancel=cancel)


def test_a_cancelled_run_does_not_wait_for_a_whole_block():
    cancel, source = threading.Event(), ArraySource(VECTORS)
    simulate = source.path_vectors

    def cancelled_meanwhile(first, last):
        if first == 128:
            cancel.set()
        return simulate(first, last)

    source.path_vectors = cancelled_meanwhile
    with pytest.raises(RunCancelled, match="0 of"):
        run(source, REGISTRY, PATHS, workers=1, block_paths=1024, cancel=cancel)
    assert [first for first, _ in source.calls] == [0, 64, 128]


def test_an_interrupt_leaves_the_callers_event_alone():
    cancel = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        run(ArraySource(VECTORS), REGISTRY, PATHS, workers=2, progress=interrupt_after(256), cancel=cancel)
    assert not cancel.is_set()


# --- checkpoints ---


def interrupt_after(paths):
    def progress(done, total):
        if done >= paths:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_goes_on_with_the_same_bits(tmp_path, workers):
    options = {"workers": workers, "block_paths": 64, "checkpoint": tmp_path / "blocks"}
    source = ArraySource(VECTORS)
    with pytest.raises(KeyboardInterrupt):
        run(source, REGISTRY, PATHS, progress=interrupt_after(500), **options)
    again = ArraySource(VECTORS)
    told = []
    sums = run(again, REGISTRY, PATHS, progress=lambda *n: told.append(n[0]), **options)
    assert_same_bits(sums, run(ArraySource(VECTORS), REGISTRY, PATHS, workers=1))
    assert told[0] >= 500
    assert len(again.calls) <= 16 - 8
    # What had been simulated when the interrupt came is kept, also blocks that had not been added up yet.
    assert not {first for first, _ in source.calls} & {first for first, _ in again.calls}


def test_a_finished_run_is_not_simulated_again(tmp_path):
    run(ArraySource(VECTORS), REGISTRY, PATHS, workers=2, block_paths=128, checkpoint=tmp_path)
    again = ArraySource(VECTORS)
    sums = run(again, REGISTRY, PATHS, workers=1, block_paths=64, checkpoint=tmp_path)
    assert again.calls == []
    assert_same_bits(sums, run(ArraySource(VECTORS), REGISTRY, PATHS, workers=1))
    assert len(list(tmp_path.glob("node-*"))) == 1


def test_more_paths_reuse_whole_nodes(tmp_path):
    run(ArraySource(VECTORS), REGISTRY, 512, workers=1, block_paths=64, checkpoint=tmp_path)
    again = ArraySource(VECTORS)
    sums = run(again, REGISTRY, PATHS, workers=1, block_paths=64, checkpoint=tmp_path)
    assert min(first for first, _ in again.calls) == 512
    assert_same_bits(sums, run(ArraySource(VECTORS), REGISTRY, PATHS, workers=1))


def test_nodes_smaller_than_a_block_are_simulated_again(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(
            ArraySource(VECTORS), REGISTRY, PATHS, workers=1, block_paths=64,
            checkpoint=tmp_path, progress=interrupt_after(192),
        )  # fmt: skip
    sums = run(ArraySource(VECTORS), REGISTRY, PATHS, workers=1, block_paths=256, checkpoint=tmp_path)
    assert_same_bits(sums, run(ArraySource(VECTORS), REGISTRY, PATHS, workers=1))


def test_a_broken_file_is_simulated_again(tmp_path, caplog):
    with pytest.raises(KeyboardInterrupt):
        run(
            ArraySource(VECTORS), REGISTRY, PATHS, workers=1, block_paths=256,
            checkpoint=tmp_path, progress=interrupt_after(256),
        )  # fmt: skip
    for path in tmp_path.glob("node-*"):
        path.write_bytes(path.read_bytes()[:100])
    sums = run(ArraySource(VECTORS), REGISTRY, PATHS, workers=1, block_paths=256, checkpoint=tmp_path)
    assert_same_bits(sums, run(ArraySource(VECTORS), REGISTRY, PATHS, workers=1))
    assert "is broken" in caplog.text


def test_without_a_shift_nothing_is_reused(tmp_path):
    run(ArraySource(VECTORS), REGISTRY, PATHS, workers=1, checkpoint=tmp_path)
    (tmp_path / "shift.npy").write_bytes(b"")
    again = ArraySource(VECTORS)
    run(again, REGISTRY, PATHS, workers=1, block_paths=1024, checkpoint=tmp_path)
    assert min(again.calls) == (0, 64)
    assert max(again.calls) == (960, PATHS)


def test_another_runs_checkpoint_is_refused(tmp_path):
    run(ArraySource(VECTORS), REGISTRY, 64, workers=1, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="another run"):
        run(ArraySource(VECTORS), JOINT_REGISTRY, 64, workers=1, checkpoint=tmp_path)


def test_plans_differ_by_what_they_sum():
    plans = [
        Plan(REGISTRY, ("a", "b"), 0, 4),
        Plan(REGISTRY, ("a", "b"), 1, 4),
        Plan(REGISTRY, ("a", "c"), 0, 4),
        Plan(REGISTRY, ("a", "b"), 0, 2),
        Plan(JOINT_REGISTRY, ("a", "b"), 0, 4),
    ]
    assert len({plan.signature for plan in plans}) == len(plans)
    assert Plan(REGISTRY, ("a", "b"), 0, 4).signature == plans[0].signature


def test_overlapping_nodes_count_once(tmp_path):
    plan = Plan(REGISTRY, ("a", "b", "c"), 0, 4)
    shift = leaf_shift(VECTORS)
    large, small = (sum_block(plan, VECTORS[:, :n], shift, 0, PATHS) for n in (128, 64))
    checkpoint = Checkpoint(tmp_path, plan)
    checkpoint.save_shift(shift)
    checkpoint.save(large)
    checkpoint.save(small)
    assert [(node.level, node.index) for node in checkpoint.load(PATHS, 64)] == [(1, 0)]


def test_workers_default_to_the_processors():
    assert threads.available_workers() >= 1
