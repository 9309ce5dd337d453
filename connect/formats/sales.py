"""Sales as people have them, a row each: the tables that `andon import sales` and `andon backtest` read.

The events have the names that `andon import` gives them, so what came in by one way is not counted twice by the other.
"""

from collections.abc import Iterator
from datetime import time, timedelta

import msgspec

from andon.connect.formats.rows import Bad, BadRow, Published, Row, Skipped
from andon.connect.imports.events import Skip
from andon.connect.imports.grain import Said, Spread, grain_of, refusal, spread, to_spread
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.reading import Reading, prepare
from andon.connect.imports.spool import Spool
from andon.connect.tables.errors import FormatError, MissingColumn
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID, TableOptions
from andon.schemas.pos import Sale


def read(
    source: InputFile,
    *,
    location: str | None = None,
    with_items: bool = False,
    options: TableOptions = UNSAID,
    grain: Said | None = None,
) -> Iterator[Row]:
    """Yield what becomes of each row.

    Args:
        source: a table.
        location: of the rows that name none.
        with_items: without effect: `andon import items` brings master data.
        options: what is said of how the table is written.
        grain: of what its rows are said to be; those of a week or month are spread over its days.

    Raises:
        FormatError: it is no table of sales, or its rows are of no days and nobody said so.
    """
    del with_items
    places = () if location is None else (location,)
    mapping = Mapping(kind="sales", locations=places, table=options)
    try:
        wrong = None if grain == "day" else refusal(grain_of(_days(source, mapping)), grain)
        if wrong is not None:
            raise FormatError(wrong)
        return _rows(prepare(source, mapping, None), to_spread(grain))
    except MissingColumn as error:
        msg = f"this is no table of sales: {error}, to `andon import sales`"
        raise FormatError(msg) from error


def _days(source: InputFile, mapping: Mapping) -> set[int]:
    """Return the days of a table (proleptic ordinals), or none if its rows say a time of day; midnight is none."""
    reading = prepare(source, mapping, None)
    days = set()
    for line in reading.table:
        if line.fault is not None:
            continue
        reading.values.turn_to(line)
        try:
            moment = reading.values.moment("occurred_at")
        except BadRow:
            # It becomes a dead letter when it is read.
            continue
        if moment is None:
            continue
        if moment.has_time and moment.at.time() != time(0):
            return set()
        days.add(moment.at.toordinal())
    return days


def _parts(sale: Sale, at: float, grain: Spread | None) -> Iterator[tuple[str, float, Sale]]:
    """Yield the sales of each day of a row's period, each with the row's id and its number."""
    if grain is None:
        yield "pos", at, sale
        return
    named = sale.occurred_at.toordinal()
    for number, (day, units) in enumerate(spread(sale.quantity, named, grain), 1):
        if units:
            moved = timedelta(days=day - named)
            part = msgspec.structs.replace(
                sale,
                event_id=f"{sale.event_id}-{number}",
                occurred_at=sale.occurred_at + moved,
                quantity=units,
            )
            yield "pos", at + moved.total_seconds(), part


def _rows(reading: Reading, grain: Spread | None) -> Iterator[Row]:
    with Spool() as spool:
        for line in reading.table:
            try:
                [event] = reading.row(line)
            except Skip as reason:
                yield Skipped(line.number, str(reason))
                continue
            except BadRow as error:
                yield Bad(
                    line.number, error.reason, f"line {line.number}: {error}", line.raw, "pos"
                )
                continue
            known, first, value, _ = spool.named(line.number, event)
            if known == "new":
                sale = msgspec.json.decode(value, type=Sale)
                yield Published(
                    line.number, sale.kind, tuple(_parts(sale, event.at, grain)), sale.quantity
                )
            elif known == "same":
                yield Skipped(line.number, "stands there twice")
            else:
                text = f"line {line.number}: its receipt and line stood in line {first}, and said something else"
                yield Bad(line.number, "twice", text, line.raw, "pos")
