"""The rows of the files beside the sales: items, past orders, counts, as JSON lines or tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from andon.connect.tables.columns import Columns, Kind, plain_date, plain_number
from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID
from andon.connect.tables.table import Table, is_json, lines_of
from andon.streams.errors import UserError

_KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("ordered_at", "received_at", "updated_at"), "date"),
    **dict.fromkeys(
        (
            *("expected", "counted", "unit_cost", "unit_price", "shortage_cost", "waiting_cost"),
            *("order_cost", "holding_cost_rate", "service_level", "pack_size", "minimum_order"),
            *("review_period_days", "shelf_life_days", "expected_daily_demand"),
            *("lead_time_days", "lead_time_sd_days"),
        ),
        "number",
    ),
}


def records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line and the fields of each row; of a table, those that are not empty.

    Raises:
        UserError: it cannot be read, or a row of it; the text names path and line.
    """
    with InputFile(path) as source:
        try:
            if is_json(source):
                yield from _json_rows(source)
            else:
                yield from _table_rows(source)
        except (FormatError, BadRow) as error:
            msg = f"{path}: {error}"
            raise UserError(msg) from error


def _json_rows(source: InputFile) -> Iterator[tuple[int, dict[str, Any]]]:
    with source.opened() as binary:
        for line, row in enumerate(lines_of(binary, "utf-8-sig"), 1):
            if row.strip():
                try:
                    yield line, msgspec.json.decode(row.encode(), type=dict[str, Any])
                except (msgspec.MsgspecError, UnicodeError) as error:
                    msg = f"line {line}: {error}"
                    raise FormatError(msg) from error


def _table_rows(source: InputFile) -> Iterator[tuple[int, dict[str, Any]]]:
    table = Table(source, UNSAID)
    places = {name: place for place, name in enumerate(table.head) if name}
    columns = Columns(table, places, _KINDS)
    for line in table:
        if line.fault is not None:
            raise BadRow(line.fault[0], f"line {line.number}: {line.fault[1]}")
        fields: dict[str, Any] = {}
        for name in places:
            try:
                value = _value(columns, line, name)
            except BadRow as error:
                raise BadRow(error.reason, f"line {line.number}: {error}") from error
            if value is not None:
                fields[name] = value
        yield line.number, fields


def _value(columns: Columns, line: Any, name: str) -> str | None:
    match _KINDS.get(name):
        case "number":
            number = columns.number(line, name)
            return None if number is None else plain_number(number)
        case "date":
            moment = columns.moment(line, name)
            return None if moment is None else plain_date(moment)
    return columns.text(line, name)
