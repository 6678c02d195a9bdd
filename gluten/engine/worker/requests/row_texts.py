"""Requests whose bytes follow from the row of one feed alone: those of a row are made once, and kept."""

from __future__ import annotations

from collections.abc import Callable

from gluten.engine.worker.requests.named import Named, Unwritable
from gluten.engine.worker.requests.numbers import PlaceOf
from gluten.errors import TemplateFailure
from gluten.workload.feeds.rows import RowOf
from gluten.workload.templates.values import Values

MOST, LARGEST = 4096, 512
"""How many rows have their bytes kept, and how long these may be. All connections of a worker share them."""


def row_texts(named: Named, feed: str, place_of: PlaceOf, row_of: RowOf, values: Values) -> Callable[[int], bytes]:
    """What makes the bytes of the request with a number, and puts its row into `values`. It raises `Unwritable` and
    `RowsUsed`."""
    known = named.of_rows
    find, rows, write = known.get, values.rows, named.write
    assert write is not None

    def text(number: int) -> bytes:
        place = place_of(number)
        found = find(place)
        if found is not None:
            rows[feed] = found[0]
            return found[1]
        rows[feed] = row = row_of(place)
        try:
            made = write(values)
        except TemplateFailure as failure:
            raise Unwritable(named, str(failure)) from None
        if len(known) < MOST and len(made) <= LARGEST:
            known[place] = row, made
        return made

    return text
