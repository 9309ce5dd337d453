"""Records of a topic of the user's own, and the events that they come to by a mapping."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from andon.connect.cdc.envelope import Change
from andon.connect.cdc.rows import Rows, Sent
from andon.connect.imports.mapping import Mapping
from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.topic.forms import Form
from andon.connect.topic.plain import flat

#: Columns that every record has besides its own.
KEY: Final = "@key"
TIMESTAMP: Final = "@timestamp"
_ID: Final = "event_id"
_CORRECTS: Final = "corrects"
_ROWS: Final = "rows"
#: Fields that a record may leave out, and not only leave empty: producers of JSON do.
_MAY_LACK: Final = ("unit_price", "transaction_id")


class Records:
    """Makes events of records: each is one, or has a list of rows that are one each."""

    def __init__(self, topic: str, mapping: Mapping, form: Form) -> None:
        """Prepare.

        Args:
            topic: whose records they are; its name is part of the events' ids.
            mapping: of the kind `sales` or `stock`. Beside the fields of these, `event_id` and `corrects` may be columns.
            form: how values are written.

        Raises:
            FormatError: the mapping says something that cannot be, or not enough.
        """
        columns = dict(mapping.columns)
        said = dict(mapping.set)
        self._id = _names(columns.pop(_ID, ""))
        self._corrects = _names(columns.pop(_CORRECTS, ""))
        self._list = said.pop(_ROWS, None)
        if self._corrects and (not self._id or mapping.kind != "sales"):
            msg = f"[columns] {_CORRECTS}: only sales with a column for {_ID} correct one another"
            raise FormatError(msg)
        self._may_lack = [columns[field] for field in _MAY_LACK if field in columns]
        self._keeps_time = TIMESTAMP in columns.values()
        self._form = form
        self._rows = Rows(
            topic, msgspec.structs.replace(mapping, columns=columns, set=said), "topic"
        )

    def prepare(self, records: Iterable[Any]) -> None:
        """Fetch what is needed to read records.

        Raises:
            RegistryAway: it cannot be fetched now.
            UserError: it never can be, as things are set.
        """
        self._form.prepare(record.value for record in records)

    def events(self, record: Any) -> list[Sent]:
        """Return the events of a record: family, key and value of each; none of a tombstone.

        Raises:
            BadRow: it cannot be read, or one of its rows cannot be.
        """
        if record.value is None:
            return []
        told = self._form.read(record.value)
        times = {**told.times, TIMESTAMP: 1e-3} if self._keeps_time else told.times
        found: list[Sent] = []
        for number, row in self._rows_of(told.record, record):
            change = Change(
                key=self._key(row, record, number),
                operation="c",
                before=None,
                after=row,
                at=record.timestamp / 1000,
                times=times,
                is_event=True,
                corrects=self._corrected(row, number),
            )
            found += self._rows.events(change)
        return found

    def _rows_of(
        self, told: dict[str, Any], record: Any
    ) -> Iterator[tuple[int | None, dict[str, Any]]]:
        """Yield the rows of a record, with their numbers if it has a list of them."""
        whole = {KEY: _text(record.key), TIMESTAMP: record.timestamp, **flat(told)}
        for column in self._may_lack:
            whole.setdefault(column, None)
        if self._list is None:
            yield None, whole
            return
        if self._list not in whole:
            raise BadRow("missing", f"{self._list}: the record has no such list, but {', '.join(whole)}")  # fmt: skip
        rows = whole.pop(self._list)
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise BadRow("invalid", f"{self._list}: it is no list of rows")
        for number, row in enumerate(rows):
            yield number, {**whole, **flat({self._list: row})}

    def _key(self, row: dict[str, Any], record: Any, number: int | None) -> str:
        """Return what names an event: columns that the mapping names, else the place of its record."""
        if self._id:
            return _joined(row, self._id, number)
        # With its time: a topic that is made anew begins with the same offsets.
        place = f"{record.partition}:{record.offset}:{record.timestamp}"
        return place if number is None else f"{place}#{number}"

    def _corrected(self, row: dict[str, Any], number: int | None) -> str | None:
        """Return what names the event that a row corrects, if it does."""
        if not self._corrects or any(row.get(one) in (None, "") for one in self._corrects):
            return None
        return _joined(row, self._corrects, number)


def _names(text: str) -> tuple[str, ...]:
    """Return the columns that are named, with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _joined(row: dict[str, Any], columns: tuple[str, ...], number: int | None) -> str:
    parts = []
    for column in columns:
        value = row.get(column)
        if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
            raise BadRow("code", f"{column}: {value!r} names no event")
        # With its sign escaped, or two names might be one.
        parts.append(str(value).replace("\\", "\\\\").replace("/", "\\/"))
    joined = "/".join(parts)
    return joined if number is None else f"{joined}#{number}"


def _text(key: bytes | None) -> str | None:
    """Return a record's key if it is text."""
    try:
        return None if key is None else key.decode()
    except UnicodeDecodeError:
        return None
