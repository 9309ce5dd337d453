"""Sales as people have them, a row each: the tables that `andon import sales` and `andon backtest` read.

The events have the names that `andon import` gives them, so what came in by one way is not counted twice by the other.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from andon.connect.formats.rows import Bad, BadRow, Published, Row, Skipped
from andon.connect.imports.events import Skip
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.reading import Reading, prepare
from andon.connect.imports.spool import Spool
from andon.connect.tables.errors import FormatError, MissingColumn
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID, TableOptions
from andon.schemas.pos import Sale

_NEVER = datetime.fromtimestamp(0, UTC)


def read(
    source: InputFile,
    *,
    location: str | None = None,
    with_items: bool = False,
    options: TableOptions = UNSAID,
) -> Iterator[Row]:
    """Yield what becomes of each row.

    Args:
        source: a table.
        location: of the rows that name none.
        with_items: without effect: `andon import items` brings master data.
        options: what is said of how the table is written.

    Raises:
        FormatError: it is no table of sales.
    """
    del with_items
    places = () if location is None else (location,)
    mapping = Mapping(kind="sales", locations=places, table=options)
    try:
        return _rows(prepare(source, mapping, _NEVER))
    except MissingColumn as error:
        msg = f"this is no table of sales: {error}, to `andon import sales`"
        raise FormatError(msg) from error


def _rows(reading: Reading) -> Iterator[Row]:
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
                yield Published(line.number, sale.kind, (("pos", event.at, sale),), sale.quantity)
            elif known == "same":
                yield Skipped(line.number, "stands there twice")
            else:
                text = f"line {line.number}: its receipt and line stood in line {first}, and said something else"
                yield Bad(line.number, "twice", text, line.raw, "pos")
