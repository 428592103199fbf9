"""Era, memory and notes as the kernel's functions hand them on: one pointer each.

A compiled call pays for every array among its arguments, in time to run and in time to compile, and the kernel's
bundles have thirty. `simulate_path` therefore puts each bundle on the heap once and passes on where it is; the fields
keep their names, so the functions behind it read as if they were handed the bundle itself.
"""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.experimental import structref

from finance.compiling import njit
from finance.market.packed import Era
from finance.market.records import Notes
from finance.market.state import Memory

_define: Any = structref.define_proxy


@structref.register
class _EraType(types.StructRef):
    """Compiled type of a held era."""


@structref.register
class _MemoryType(types.StructRef):
    """Compiled type of held memory."""


@structref.register
class _NotesType(types.StructRef):
    """Compiled type of held notes."""


class _HeldEra(structref.StructRefProxy):
    """An era on the heap; never seen outside compiled code."""


class _HeldMemory(structref.StructRefProxy):
    """Memory on the heap; never seen outside compiled code."""


class _HeldNotes(structref.StructRefProxy):
    """Notes on the heap; never seen outside compiled code."""


_define(_HeldEra, _EraType, list(Era._fields))
_define(_HeldMemory, _MemoryType, list(Memory._fields))
_define(_HeldNotes, _NotesType, list(Notes._fields))


@njit
def hold_era(era: Era) -> Era:
    """Put an era on the heap."""
    return _HeldEra(*era)  # type: ignore[return-value, no-untyped-call]


@njit
def hold_memory(memory: Memory) -> Memory:
    """Put memory on the heap; its arrays stay where they are."""
    return _HeldMemory(*memory)  # type: ignore[return-value, no-untyped-call]


@njit
def hold_notes(notes: Notes) -> Notes:
    """Put notes on the heap; their arrays stay where they are."""
    return _HeldNotes(*notes)  # type: ignore[return-value, no-untyped-call]
