"""The per-path vector: named components with labelled dimensions, laid out flat one after the other.

The engine writes one number a component and label for every path; everything reported is a function of the
means of these numbers. Only this module knows at which position a number stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Label = str | int
#: A dimension's name and its labels in order.
Dimension = tuple[str, tuple[Label, ...]]
#: What to take of a component: one label drops its dimension, several keep it with these labels alone.
Selection = Mapping[str, Label | tuple[Label, ...]]


@dataclass(frozen=True)
class Component:
    """One named block of the per-path vector.

    Attributes
    ----------
    name : str
        Its name, unique in the layout.
    dimensions : tuple of (name, labels)
        In order, the last running fastest; empty for a single number.

    Raises
    ------
    ValueError
        If a dimension has no label, or a name or label stands twice.
    """

    name: str
    dimensions: tuple[Dimension, ...] = ()

    def __post_init__(self) -> None:
        names = [name for name, _ in self.dimensions]
        if len(set(names)) != len(names):
            raise ValueError(f"component {self.name!r} has a dimension twice: {names}")
        for name, labels in self.dimensions:
            if not labels or len(set(labels)) != len(labels):
                raise ValueError(f"dimension {name!r} of {self.name!r} needs labels, each once: {labels}")

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of labels of each dimension."""
        return tuple(len(labels) for _, labels in self.dimensions)

    @property
    def width(self) -> int:
        """Numbers of the component in the per-path vector."""
        return int(np.prod(self.shape, dtype=np.int64))


class Layout:
    """Where each component stands in the per-path vector.

    Parameters
    ----------
    components : iterable of Component
        In the order in which they follow one another.

    Raises
    ------
    ValueError
        If two components have the same name.
    """

    def __init__(self, components: Iterable[Component]) -> None:
        self.components = tuple(components)
        self._offsets: dict[str, int] = {}
        self._components: dict[str, Component] = {}
        offset = 0
        for component in self.components:
            if component.name in self._offsets:
                raise ValueError(f"component {component.name!r} stands twice in the layout")
            self._offsets[component.name] = offset
            self._components[component.name] = component
            offset += component.width
        self.width = offset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and self.components == other.components

    def __hash__(self) -> int:
        return hash(self.components)

    def component(self, name: str) -> Component:
        """Return the component of that name; KeyError if there is none."""
        if name not in self._components:
            raise KeyError(f"the layout has no component {name!r}")
        return self._components[name]

    def slice(self, name: str) -> slice:
        """Return the positions of a component, as a slice of the flat vector."""
        width = self.component(name).width
        return slice(self._offsets[name], self._offsets[name] + width)

    def view(self, vectors: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        """Show a component of flat vectors in its own shape, without copying.

        Parameters
        ----------
        vectors : ndarray of shape (…, width)
            Per-path vectors.
        name : str
            The component.

        Returns
        -------
        ndarray of shape (…, *component shape)
            What is written into it is written into ``vectors``.
        """
        part = vectors[..., self.slice(name)]
        return part.reshape(*part.shape[:-1], *self.component(name).shape)  # splitting an axis never copies

    def index(self, name: str, **labels: Label) -> int:
        """Return the position of one number.

        Parameters
        ----------
        name : str
            The component.
        **labels
            A label for each of its dimensions.

        Returns
        -------
        int
            Position in the flat vector.

        Raises
        ------
        KeyError
            If a dimension lacks a label, or a label or dimension is not the component's.
        """
        kept, positions = self.select(name, labels)
        if kept:
            raise KeyError(f"{name!r} needs a label for {', '.join(dimension for dimension, _ in kept)}")
        return int(positions)

    def select(self, name: str, at: Selection | None = None) -> tuple[tuple[Dimension, ...], NDArray[np.int64]]:
        """Return the positions of a part of a component.

        Parameters
        ----------
        name : str
            The component.
        at : mapping, optional
            Dimension → one label (the dimension is dropped) or a tuple of labels (it is kept with these).

        Returns
        -------
        dimensions : tuple of (name, labels)
            What is left of the dimensions.
        positions : ndarray of int, one axis for each of ``dimensions``
            Positions in the flat vector.

        Raises
        ------
        KeyError
            If a dimension or label is not the component's.
        """
        component = self.component(name)
        chosen = dict(at or {})
        unknown = set(chosen) - {dimension for dimension, _ in component.dimensions}
        if unknown:
            raise KeyError(f"component {name!r} has no dimension {', '.join(sorted(unknown))}")
        first = self._offsets[name]
        positions = np.arange(first, first + component.width, dtype=np.int64).reshape(component.shape)
        kept: list[Dimension] = []
        for dimension, labels in component.dimensions:
            axis = len(kept)
            wanted = chosen.get(dimension, labels)
            if isinstance(wanted, tuple):
                positions = positions.take([_place(labels, one, name, dimension) for one in wanted], axis)
                kept.append((dimension, wanted))
            else:
                positions = np.asarray(positions.take(_place(labels, wanted, name, dimension), axis))
        return tuple(kept), np.asarray(positions)


def _place(labels: tuple[Label, ...], label: Label, name: str, dimension: str) -> int:
    if label not in labels:
        raise KeyError(f"{label!r} is no {dimension} of component {name!r}")
    return labels.index(label)
