"""Era, memory and notes as the kernel's functions hand them on: one pointer each.

A compiled call pays for every array among its arguments, in time to run and in time to compile; and whoever takes an
array out of a bundle counts a reference up and down again, which threads that read the same tables cannot do at the
same time. `hold` therefore leaves a bundle where it is and hands on where that is. The fields keep their names, so the
functions behind it read as if they were handed the bundle itself. The arrays they find there count no references, so a
function may hold only what it was handed or has made of that: its caller keeps it until it returns.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar, cast

from numba.core import cgutils, imputils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model

Bundle = TypeVar("Bundle")
#: Numba's own tools, which say nothing of their types.
_code: Any = cgutils
_returned: Any = imputils.impl_ret_untracked


class Held(types.Type):
    """Compiled type of a held named tuple."""

    def __init__(self, bundle: Any) -> None:
        self.bundle = bundle
        super().__init__(name=f"Held({bundle})")


@register_model(Held)
class _HeldModel(models.PrimitiveModel):
    """A pointer to the named tuple."""

    def __init__(self, dmm: Any, fe_type: Held) -> None:
        place = dmm.lookup(fe_type.bundle).get_value_type().as_pointer()
        super().__init__(dmm, fe_type, place)  # type: ignore[no-untyped-call]


@infer_getattr
class _HeldFields(AttributeTemplate):
    """The fields of the named tuple are the fields of what holds it."""

    key = Held

    def generic_resolve(self, held: Held, field: str) -> Any:  # type: ignore[override]
        """Type of a field, None if there is none of that name."""
        return held.bundle[held.bundle.fields.index(field)] if field in held.bundle.fields else None


def _field(context: Any, builder: Any, held: Held, place: Any, field: str) -> Any:
    """Load a field; an array without what counts its references."""
    position = held.bundle.fields.index(field)
    kind = held.bundle[position]
    value = builder.load(_code.gep_inbounds(builder, place, 0, position))
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = _code.get_null_value(array.meminfo.type)
        array.parent = _code.get_null_value(array.parent.type)
        value = array._getvalue()
    elif context.data_model_manager[kind].contains_nrt_meminfo():
        raise TypeError(f"{field} of {held.bundle} holds references that nobody would count")
    return _returned(context, builder, kind, value)


lower_getattr_generic(Held)(_field)  # type: ignore[no-untyped-call]


def _place(typing_context: Any, bundle: Any) -> Any:
    """A named tuple put on the caller's stack: where it is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _code.alloca_once_value(builder, arguments[0])

    return Held(bundle)(bundle), generate


class _Hold(Protocol):
    """To whoever reads the code, holding a bundle changes nothing."""

    def __call__(self, bundle: Bundle, /) -> Bundle: ...


hold = cast(_Hold, intrinsic(_place))
"""Hold a named tuple of arrays and numbers, in compiled code."""
