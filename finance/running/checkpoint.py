"""Finished blocks on the disk, so that an interrupted run goes on where it stopped.

A folder holds the run's shift and the nodes of the tree that are complete. When two nodes have been added up,
their sum replaces them: the folder stays as small as the tree.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from finance.language import message
from finance.outcome.sums import LEAF_PATHS, Plan
from finance.running.blocks import Node
from finance.running.files import write_whole

Floats = NDArray[np.float64]

_NODE_NAME = re.compile(r"node-(\d+)-(\d+)\.npz")
_log = logging.getLogger(__name__)


class Checkpoint:
    """The folder of one run's finished blocks.

    Parameters
    ----------
    folder : Path
        Made if absent. Belongs to one question: the same scenarios, seed and engine (the run id says so).
    plan : Plan
        What the sums are.

    Raises
    ------
    ValueError
        If the folder holds sums of another plan.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        folder.mkdir(parents=True, exist_ok=True)
        key = folder / "plan"
        if not key.exists():
            write_whole(key, lambda stream: stream.write(plan.signature.encode()))
        elif key.read_text() != plan.signature:
            raise ValueError(message("running.other_checkpoint", folder=str(folder)))

    def shift(self) -> Floats | None:
        """Return the shift that the kept sums are taken about, None if there is none."""
        try:
            shift = np.load(self.folder / "shift.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return np.asarray(shift, dtype=np.float64)

    def save_shift(self, shift: Floats) -> None:
        """Keep the shift; before any node."""
        write_whole(self.folder / "shift.npy", lambda stream: np.save(stream, shift))

    def save(self, node: Node) -> None:
        """Keep a node, then drop the nodes it contains."""
        path = self.folder / f"node-{node.level}-{node.index}.npz"
        write_whole(path, lambda stream: np.savez(stream, counts=node.counts, values=node.values))
        for level, index in self._kept():
            if level < node.level and index >> (node.level - level) == node.index:
                self._path(level, index).unlink(missing_ok=True)

    def load(self, paths: int, block_paths: int) -> list[Node]:
        """Read the nodes that a run can go on from.

        Parameters
        ----------
        paths : int
            Of the run, which may be more than when the nodes were kept.
        block_paths : int
            Paths of its blocks.

        Returns
        -------
        list of Node
            No two of them overlap, and each is made of whole blocks. Broken files are left out, and said so.
        """
        n_leaves, block = -(-paths // LEAF_PATHS), block_paths // LEAF_PATHS
        found: list[Node] = []
        taken: list[range] = []
        for level, index in sorted(self._kept(), reverse=True):
            leaves = range(index << level, min((index + 1) << level, n_leaves))
            is_whole = leaves.start % block == 0 and (leaves.stop % block == 0 or leaves.stop == n_leaves)
            if not leaves or not is_whole or any(leaves.start in other for other in taken):
                continue
            node = self._read(level, index)
            wanted = min(leaves.stop * LEAF_PATHS, paths) - leaves.start * LEAF_PATHS
            if node is not None and int(node.counts.sum()) == wanted:
                found.append(node)
                taken.append(leaves)
        return found

    def _kept(self) -> list[tuple[int, int]]:
        names = [_NODE_NAME.fullmatch(path.name) for path in self.folder.iterdir()]
        return [(int(name[1]), int(name[2])) for name in names if name]

    def _path(self, level: int, index: int) -> Path:
        return self.folder / f"node-{level}-{index}.npz"

    def _read(self, level: int, index: int) -> Node | None:
        path = self._path(level, index)
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
                counts, values = kept["counts"], kept["values"]
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            counts, values = np.empty(0, dtype=np.int64), np.empty(0)
        if counts.shape != (self.plan.n_pilots,) or values.shape != (self.plan.n_pilots, self.plan.length):
            _log.warning(message("running.broken_checkpoint", file=str(path)))
            return None
        return Node(level, index, counts, values)
