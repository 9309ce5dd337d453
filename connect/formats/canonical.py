"""The documented form: the events of schemas/ themselves, a JSON object a line, or CSV with the fields as columns.

A field `family` says which kind of event it is (pos, stock, shipments, delays, items, acks); without it, it is `pos`. In CSV
an empty cell is a field left out, and a dot goes into a nested field (`scope.type`); shipments with lines, and items
with sources, need JSON.
"""

import csv
import itertools
from collections.abc import Iterator
from typing import Any, TextIO

import msgspec

from andon.connect.formats.rows import Bad, BadRow, FormatError, Published, Row
from andon.schemas.common import Record
from andon.schemas.families import FAMILIES
from andon.schemas.pos import Sale

INPUTS = tuple(name for name, family in FAMILIES.items() if family.direction == "in")


class _Which(msgspec.Struct):
    family: str = "pos"


def read(file: TextIO, *, location: str | None = None, with_items: bool = False) -> Iterator[Row]:
    """Yield what becomes of each row.

    Args:
        file: JSON lines or CSV; opened with `newline=""`.
        location: of the rows that name none.
        with_items: without effect: items are rows of their own here.

    Raises:
        FormatError: the file is neither JSON lines nor a CSV with a head that fits.
    """
    del with_items
    first = next((line for line in file if line.strip()), "")
    lines = itertools.chain([first], file)
    if first.lstrip("\ufeff \t").startswith("{"):
        return _json_lines(lines, location)
    return _csv(lines, location)


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


def _csv(lines: Iterator[str], location: str | None) -> Iterator[Row]:
    reader = csv.DictReader(lines)
    if "event_id" not in (reader.fieldnames or ()):
        msg = "this is no canonical file: neither JSON lines nor a CSV whose first line names event_id"
        raise FormatError(msg)
    return _csv_rows(reader, location)


def _csv_rows(reader: "csv.DictReader[str]", location: str | None) -> Iterator[Row]:
    while True:
        family = "pos"
        cells: dict[str, Any] = {}
        try:
            cells = next(reader)
            if None in cells or None in cells.values():
                raise BadRow("columns", "not as many columns as the first line has")  # noqa: TRY301
            family = _checked(cells.get("family") or "pos")
            given = {name: text for name, text in cells.items() if text != ""}
            record = _convert(
                _nested({"location": location, **given} if location else given), family
            )
        except StopIteration:
            return
        except msgspec.ValidationError as error:
            yield _bad(reader.line_num, "invalid", error, cells, family)
        except csv.Error as error:
            yield _bad(reader.line_num, "columns", error, cells, family)
        except BadRow as error:
            yield _bad(reader.line_num, error.reason, error, cells, family)
        else:
            yield _published(reader.line_num, family, record)


def _bad(line: int, reason: str, error: Exception, cells: dict[str, Any], family: str) -> Bad:
    raw = ",".join(str(cell) for cell in cells.values() if cell is not None)
    return Bad(line, reason, f"line {line}: {error}", raw, family)


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
