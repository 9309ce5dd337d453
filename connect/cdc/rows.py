"""Rows of a table of sales or of stock, by a mapping, and the events of what was done to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from andon.connect.cdc.decimals import number_text
from andon.connect.cdc.envelope import Change
from andon.connect.edi.terms import Terms
from andon.connect.imports.events import digest, record_of
from andon.connect.imports.mapping import Mapping
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow, FormatError
from andon.schemas.common import encode, item_key
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement

#: The fields that a row may have, by kind; the first ones it must have.
_FIELDS: Final = {
    "sales": (("sku", "quantity", "occurred_at"), ("location", "unit_price", "transaction_id")),
    "stock": (("sku", "quantity"), ("location", "occurred_at")),
}
KINDS: Final = tuple(_FIELDS)
#: What a number of time counts by, where no schema says so.
_UNITS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "days": 86_400.0}
_UNIT: Final = "time_unit"
_LOCAL: Final = "local-"
#: What stands where a large value did not change and is not told.
_UNAVAILABLE: Final = "__debezium_unavailable_value"
#: The longest identity of an event.
_MOST: Final = 128

Sent = tuple[str, str, bytes]


@dataclass(frozen=True)
class _Row:
    """What a row says, in our words."""

    location: str
    sku: str
    units: int
    at: datetime
    price: float | None
    receipt: str | None
    #: Of all its columns.
    content: str


class Rows:
    """Makes events of changes of a table."""

    def __init__(self, name: str, mapping: Mapping, source: str = "cdc") -> None:
        """Prepare.

        Args:
            name: of the topic, which is part of the events' ids.
            mapping: of the kind `sales` or `stock`; its columns are those of the table.
            source: what the topic is, which is part of the ids, too.

        Raises:
            FormatError: it says something that cannot be, or not enough.
        """
        if mapping.kind not in _FIELDS:
            msg = f"kind: expected {' or '.join(KINDS)}, got {mapping.kind!r}"
            raise FormatError(msg)
        needed, others = _FIELDS[mapping.kind]
        missing = [one for one in needed if one not in mapping.columns]
        if missing:
            msg = f"[columns] {missing[0]}: say which column of the table it is"
            raise FormatError(msg)
        wrong = [one for one in mapping.columns if one not in (*needed, *others)]
        if wrong:
            msg = f"[columns] {wrong[0]}: {mapping.kind} have no such field, but {', '.join((*needed, *others))}"
            raise FormatError(msg)
        unit = mapping.set.get(_UNIT)
        if unit is not None and unit.removeprefix(_LOCAL) not in _UNITS:
            msg = f"[set] {_UNIT}: expected one of {', '.join(_UNITS)}, or {_LOCAL} and one of them, got {unit!r}"
            raise FormatError(msg)
        self._source = f"{source}:{name}"
        self._prefix = source
        self._columns = mapping.columns
        self._unit = _UNITS[unit.removeprefix(_LOCAL)] if unit is not None else None
        self._is_local = unit is not None and unit.startswith(_LOCAL)
        plain = {name: value for name, value in mapping.set.items() if name != _UNIT}
        self._terms = Terms(msgspec.structs.replace(mapping, columns={}, set=plain))
        self._make: Callable[[Change], list[Sent]] = self._sales if mapping.kind == "sales" else self._stock  # fmt: skip

    def events(self, change: Change) -> list[Sent]:
        """Return the events of a change: family, key and value of each.

        Raises:
            BadRow: its row cannot be.
        """
        return self._make(change)

    def _sales(self, change: Change) -> list[Sent]:
        before = self._row(change, change.before) if change.operation in ("u", "d") else None
        after = self._row(change, change.after) if change.operation != "d" else None
        if before is not None and before.units == 0:
            # Nothing was said of it.
            before = None
        if after is not None and after.units == 0 and change.corrects is None:
            after = None
        if before is None:
            return [] if after is None else [self._sale(change, after)]
        if after is None or not _is_alike(before, after):
            gone = self._sale(change, before, corrects=before.content, units=0)
            return [gone] if after is None else [gone, self._sale(change, after)]
        if after.content == before.content:
            return []
        return [self._sale(change, after, corrects=before.content)]

    def _sale(
        self, change: Change, row: _Row, *, corrects: str | None = None, units: int | None = None
    ) -> Sent:
        quantity = abs(row.units) if units is None else units
        content = row.content if units is None else f"{row.content}-gone"
        values = {
            "event_id": self._id(change, content),
            "occurred_at": row.at,
            "location": row.location,
            "sku": row.sku,
            "quantity": quantity,
            "kind": "return" if row.units < 0 else "sale",
            "unit_price": row.price,
            "transaction_id": row.receipt,
            "corrects": self._corrected(change, corrects),
        }
        return "pos", item_key(row.location, row.sku), encode(record_of(Sale, values))

    def _corrected(self, change: Change, content: str | None) -> str | None:
        """Return the id of the event that a change corrects."""
        if change.corrects is not None:
            return self._short(f"{self._source}:{change.corrects}")
        return None if content is None else self._id(change, content)

    def _stock(self, change: Change) -> list[Sent]:
        if change.operation == "d":
            return []
        row = self._row(change, change.after)
        if row.units < 0:
            raise BadRow("negative", f"{row.units} on hand: no count finds less than nothing")
        values = {
            "event_id": self._id(change, f"{row.content}-{int(change.at * 1000)}"),
            "occurred_at": row.at,
            "location": row.location,
            "sku": row.sku,
            "kind": "count",
            "quantity": row.units,
        }
        return [
            ("stock", item_key(row.location, row.sku), encode(record_of(StockMovement, values)))
        ]

    def _id(self, change: Change, content: str) -> str:
        name = f"{self._source}:{change.key}" if change.is_event else f"{self._source}:{change.key}:{content}"  # fmt: skip
        return self._short(name)

    def _short(self, name: str) -> str:
        return name if len(name) <= _MOST else f"{self._prefix}:{digest(name).hex()}"

    def _row(self, change: Change, row: dict[str, Any] | None) -> _Row:
        assert row is not None
        terms = self._terms
        price = self._cell(row, "unit_price")
        receipt = self._cell(row, "transaction_id")
        return _Row(
            location=terms.location(self._code(row, "location")),
            sku=terms.sku([("IN", self._code(row, "sku"))]),
            units=terms.units(self._quantity(change, row), "", self._columns["quantity"]),
            at=self._at(change, row),
            price=None if price is None else abs(float(self._number(change, "unit_price", price))),
            receipt=None if receipt is None else str(receipt),
            # A column that was added since, and is empty, makes no other row of it.
            content=digest(
                *(f"{name}={row[name]!r}" for name in sorted(row) if row[name] is not None)
            ).hex()[:16],
        )

    def _quantity(self, change: Change, row: dict[str, Any]) -> str:
        value = self._cell(row, "quantity")
        if value is None:
            advice = (
                ": have the database tell whole rows (REPLICA IDENTITY FULL)"
                if row is change.before
                else ""
            )
            raise BadRow("missing", f"{self._columns['quantity']}: nothing there{advice}")
        return self._number(change, "quantity", value)

    def _number(self, change: Change, field: str, value: Any) -> str:
        return number_text(value, change.decimals.get(self._columns[field]))

    def _cell(self, row: dict[str, Any], field: str) -> Any:
        column = self._columns.get(field)
        if column is None:
            return None
        if column not in row:
            raise BadRow("missing", f"{column}: the row has no such column, but {', '.join(row)}")
        value = row[column]
        if value == _UNAVAILABLE:
            raise BadRow(
                "missing",
                f"{column}: Debezium does not tell it of a row that did not change there: have it told (REPLICA IDENTITY FULL)",
            )
        return value

    def _code(self, row: dict[str, Any], field: str) -> str:
        value = self._cell(row, field)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise BadRow("code", f"{self._columns[field]}: {value!r} is no code")
        return str(value)

    def _at(self, change: Change, row: dict[str, Any]) -> datetime:
        value = self._cell(row, "occurred_at")
        column = self._columns.get("occurred_at", "")
        if value is None:
            if column:
                raise BadRow("missing", f"{column}: nothing there")
            return datetime.fromtimestamp(change.at, UTC)
        try:
            if isinstance(value, str):
                return self._terms.at(
                    Moment(datetime.fromisoformat(value), has_time=len(value) > 10)
                )
            unit = change.times.get(column, self._unit)
            if unit is None or isinstance(value, bool):
                raise BadRow(
                    "date",
                    f"{column}: what does {value!r} count? Say [set] {_UNIT}, one of {', '.join(_UNITS)}",
                )
            at = datetime.fromtimestamp(value * unit, UTC)
        except (ValueError, TypeError, OverflowError, OSError) as error:
            if isinstance(error, BadRow):
                raise
            raise BadRow("date", f"{column}: {value!r} is no date") from error
        # A number of days is a day of the table's own zone, and so is a time without a zone.
        is_day = unit == _UNITS["days"]
        is_local = column in change.local if column in change.times else self._is_local
        if is_day or is_local:
            return self._terms.at(Moment(at.replace(tzinfo=None), has_time=not is_day))
        return at


def _is_alike(one: _Row, other: _Row) -> bool:
    """Return whether one sale can stand in the other's place: of the same item and kind."""
    return (one.location, one.sku, one.units < 0) == (other.location, other.sku, other.units < 0)
