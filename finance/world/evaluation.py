"""QuantLib's one evaluation date, which belongs to the whole process: held under one lock, and put back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_QUANTLIB = threading.Lock()


@contextmanager
def evaluated_on(today: Any) -> Iterator[None]:
    """Hold QuantLib, with ``today`` as its evaluation date, and leave the date as it was.

    Everything that QuantLib is asked is asked in here: it is not safe between threads.

    Parameters
    ----------
    today : QuantLib.Date
        The day that all its dates count from.
    """
    import QuantLib as ql  # noqa: N813  (the name all its documentation uses)

    with _QUANTLIB:
        before = ql.Settings.instance().evaluationDate
        ql.Settings.instance().evaluationDate = today
        try:
            yield
        finally:
            ql.Settings.instance().evaluationDate = before
