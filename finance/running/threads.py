"""Runs blocks of paths on a pool of threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray

from finance.language import format_number, message
from finance.outcome.registry import Registry
from finance.outcome.sums import LEAF_PATHS, Plan, Sums, Tree, leaf_shift
from finance.running.blocks import (
    Node,
    PathSource,
    check_block_paths,
    check_paths,
    check_vectors,
    check_workers,
    default_block_paths,
    sum_block,
)
from finance.running.checkpoint import Checkpoint

#: Told (finished paths, all paths) whenever a block is finished.
Progress = Callable[[int, int], None]


class RunCancelled(Exception):  # noqa: N818  (an end somebody asked for, not an error)
    """A run was cancelled; finished blocks are kept in its checkpoint."""


def available_workers() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    source: PathSource,
    registry: Registry,
    paths: int,
    *,
    workers: int | None = None,
    block_paths: int | None = None,
    progress: Progress | None = None,
    cancel: Event | None = None,
    checkpoint: Path | None = None,
) -> Sums:
    """Simulate paths and sum what the measures need.

    Parameters
    ----------
    source : PathSource
        Simulates paths.
    registry : Registry
        The measures, on the source's layout.
    paths : int
        1 to 10,000,000.
    workers : int, optional
        Threads; as many as there are processors, if left out. No influence on the result.
    block_paths : int, optional
        Paths of a block, 64·2ᵏ; chosen by `default_block_paths` if left out. No influence on the result.
    progress : callable, optional
        Told of finished paths and all paths, in the calling thread.
    cancel : threading.Event, optional
        Once set, no further leaf of 64 paths is started; blocks that are not finished are lost.
    checkpoint : Path, optional
        Folder for finished blocks; what it holds of the same run is not simulated again.

    Returns
    -------
    Sums
        Sums over all paths.

    Raises
    ------
    ValueError
        If a number is not allowed, the layouts differ, or the checkpoint is another run's.
    RunCancelled
        If ``cancel`` was set before the last leaf was started.
    """
    paths = check_paths(paths)
    workers = available_workers() if workers is None else check_workers(workers)
    if source.layout != registry.layout:
        raise ValueError("the source's layout is not the registry's")
    plan = Plan(registry, tuple(source.scenarios), source.baseline, source.n_pilots)
    if block_paths is None:
        block_paths = default_block_paths(plan, paths, workers)
    job = _Job(source, plan, paths, check_block_paths(block_paths), cancel or Event(), checkpoint)
    _run_blocks(job, workers, progress)
    return Sums(plan, job.shift.result(), *job.tree.root())


class _Job:
    """What the threads of one run share."""

    def __init__(
        self,
        source: PathSource,
        plan: Plan,
        paths: int,
        block_paths: int,
        cancel: Event,
        folder: Path | None,
    ) -> None:
        self.source, self.plan, self.paths, self.block_paths = source, plan, paths, block_paths
        self.cancel = cancel
        #: Set when the run breaks off by itself; the caller's event stays as it is.
        self.is_over = Event()
        self.tree = Tree(paths)
        #: Set by the first block; the others may simulate before it is, but not sum.
        self.shift: Future[NDArray[np.float64]] = Future()
        self.checkpoint = None if folder is None else Checkpoint(folder, plan)
        if self.checkpoint is not None and (shift := self.checkpoint.shift()) is not None:
            self.shift.set_result(shift)
            for node in self.checkpoint.load(paths, block_paths):
                self.tree.add(node.level, node.index, node.counts, node.values)

    def blocks(self) -> deque[int]:
        """First paths of the blocks still to be run."""
        n_leaves = self.tree.n_leaves
        done = [range(index << level, min((index + 1) << level, n_leaves)) for level, index in self.tree.nodes]
        starts = range(0, self.paths, self.block_paths)
        return deque(first for first in starts if not any(first // LEAF_PATHS in leaves for leaves in done))

    def run_block(self, first: int) -> Node:
        """Simulate and sum one block; in a thread of the pool."""
        try:
            vectors = self._vectors(first, min(first + self.block_paths, self.paths))
            if first == 0 and not self.shift.done():
                shift = leaf_shift(vectors)
                if self.checkpoint is not None:
                    self.checkpoint.save_shift(shift)
                self.shift.set_result(shift)
        except BaseException as error:
            if first == 0 and not self.shift.done():
                self.shift.set_exception(error)  # or the other threads would wait for ever
            raise
        return sum_block(self.plan, vectors, self.shift.result(), first, self.paths)

    def _vectors(self, first: int, last: int) -> NDArray[np.float64]:
        """Simulate a block leaf by leaf: whoever cancels a run does not want to wait for a whole block."""
        leaves = []
        for start in range(first, last, LEAF_PATHS):
            if self.cancel.is_set() or self.is_over.is_set():
                raise RunCancelled
            end = min(start + LEAF_PATHS, last)
            leaves.append(check_vectors(self.plan, self.source.path_vectors(start, end), end - start))
        return leaves[0] if len(leaves) == 1 else np.concatenate(leaves, axis=1)

    def take(self, node: Node) -> None:
        """Add a finished block's sums to the tree, and keep the node that holds them now."""
        place = self.tree.add(node.level, node.index, node.counts, node.values)
        if self.checkpoint is not None:
            self.checkpoint.save(Node(*place, *self.tree.nodes[place]))

    def rescue(self, futures: set[Future[Node]]) -> None:
        """Keep blocks that were finished when the run was broken off."""
        for future in futures:
            if future.done() and not future.cancelled() and future.exception() is None and self.checkpoint:
                self.checkpoint.save(future.result())


def _run_blocks(job: _Job, workers: int, progress: Progress | None) -> None:
    todo = job.blocks()
    if progress is not None:
        progress(job.tree.paths, job.paths)
    running: set[Future[Node]] = set()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="block")
    try:
        while todo or running:
            # One more than can run: a thread that ends a block finds the next, and no more blocks are alive.
            while todo and len(running) <= workers:
                running.add(pool.submit(job.run_block, todo.popleft()))
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                node = future.result()
                running.discard(future)
                job.take(node)
                if progress is not None:
                    progress(job.tree.paths, job.paths)
    except BaseException as error:
        job.is_over.set()
        pool.shutdown(wait=True, cancel_futures=True)
        job.rescue(running)
        if isinstance(error, RunCancelled):
            raise RunCancelled(
                message(
                    "running.cancelled",
                    finished=format_number(job.tree.paths),
                    paths=format_number(job.paths),
                )
            ) from None
        raise
    pool.shutdown()
