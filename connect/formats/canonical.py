"""The documented form: the events of schemas/ themselves, a JSON object a line, or CSV with the fields as columns.

A field `family` says which kind of event it is (pos, stock, shipments, delays, items, acks); without it, it is `pos`. In CSV
an empty cell is a field left out, and a dot goes into a nested field (`scope.type`); shipments with lines, and items
with sources, need JSON.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from andon.connect.formats.rows import Bad, BadRow, FormatError, Published, Row
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID, TableOptions
from andon.connect.tables.table import Line, Table, is_json, lines_of, text_of
from andon.schemas.common import Record
from andon.schemas.families import FAMILIES
from andon.schemas.pos import Sale

#: A whole number as programs write it that know only floats.
_WHOLE: Final = re.compile(r"^-?\d{1,15}\.0+$")
INPUTS = tuple(name for name, family in FAMILIES.items() if family.direction == "in")


class _Which(msgspec.Struct):
    family: str = "pos"


def read(
    source: InputFile,
    *,
    location: str | None = None,
    with_items: bool = False,
    options: TableOptions = UNSAID,
) -> Iterator[Row]:
    """Yield what becomes of each row.

    Args:
        source: JSON lines, or a table with a head.
        location: of the rows that name none.
        with_items: without effect: items are rows of their own here.
        options: what is said of how a table is written.

    Raises:
        FormatError: the file is neither JSON lines nor a table with a head that fits.
    """
    del with_items
    if is_json(source):
        return _json_file(source, location)
    table = Table(source, options)
    if "event_id" not in table.head:
        msg = "this is no canonical file: neither JSON lines nor a table whose first line names event_id"
        raise FormatError(msg)
    return _table_rows(table, location)


def _json_file(source: InputFile, location: str | None) -> Iterator[Row]:
    is_wide = source.sample()[:2] in (b"\xff\xfe", b"\xfe\xff")
    with source.opened() as binary:
        yield from _json_lines(lines_of(binary, "utf-16" if is_wide else "utf-8"), location)


def _json_lines(lines: Iterator[str], location: str | None) -> Iterator[Row]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        family = "pos"
        try:
            value = text.lstrip("\ufeff").encode()
            family = _checked(msgspec.json.decode(value, type=_Which).family)
            if location is None:
                record = msgspec.json.decode(value, type=FAMILIES[family].record)
            else:
                record = _convert({"location": location, **msgspec.json.decode(value)}, family)
        except msgspec.ValidationError as error:
            yield Bad(number, "invalid", f"line {number}: {error}", text.rstrip("\r\n"), family)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            yield Bad(number, "not_json", f"line {number}: {error}", text.rstrip("\r\n"), family)
        except BadRow as error:
            yield Bad(number, error.reason, f"line {number}: {error}", text.rstrip("\r\n"), "pos")
        else:
            yield _published(number, family, record)


def _table_rows(table: Table, location: str | None) -> Iterator[Row]:
    for line in table:
        family = "pos"
        try:
            if line.fault is not None:
                raise BadRow(*line.fault)  # noqa: TRY301
            given = {
                name: text
                for name, cell in zip(table.head, line.cells, strict=True)
                if (text := text_of(cell)) != ""
            }
            family = _checked(given.get("family", "pos"))
            for name in ("quantity", "received", "returned"):
                if _WHOLE.match(given.get(name, "")):
                    given[name] = given[name].partition(".")[0]
            record = _convert(
                _nested({"location": location, **given} if location else given), family
            )
        except msgspec.ValidationError as error:
            yield _bad(line, "invalid", error, family)
        except BadRow as error:
            yield _bad(line, error.reason, error, family)
        else:
            yield _published(line.number, family, record)


def _bad(line: Line, reason: str, error: Exception, family: str) -> Bad:
    return Bad(line.number, reason, f"line {line.number}: {error}", line.raw, family)


def _checked(family: str) -> str:
    if family not in INPUTS:
        raise BadRow("family", f"family: expected one of {', '.join(INPUTS)}, got {family!r}")
    return family


def _convert(value: Any, family: str) -> Record:
    kind = FAMILIES[family].record
    # CSV has only text, so numbers are read from it; the constraints hold all the same.
    record: Record = msgspec.convert(value, type=kind, strict=False)
    return record


def _nested(cells: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for name, text in cells.items():
        *path, last = name.split(".")
        inner = whole
        for part in path:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise BadRow("columns", f"{name}: {part} is a value and a group at once")
        inner[last] = text
    return whole


def _published(line: int, family: str, record: Any) -> Published:
    records = ((family, record.at, record),)
    if isinstance(record, Sale):
        return Published(line, record.kind, records, record.quantity)
    return Published(line, family.removesuffix("s"), records)
