"""Records of a topic of changes, and the events that they come to."""

from collections.abc import Iterable
from typing import Any

from andon.connect.cdc.envelope import Change, change_from, change_of
from andon.connect.cdc.rows import Rows, Sent
from andon.connect.topic.forms import Framed


class Changes:
    """Makes events of records as Debezium writes them: in JSON, or framed as a registry describes them.

    Args:
        rows: makes events of changes.
        form: of keys and values, if they are framed.
    """

    def __init__(self, rows: Rows, form: Framed | None = None) -> None:
        self._rows = rows
        self._form = form

    def prepare(self, records: Iterable[Any]) -> None:
        """Fetch the schemas of keys and values, if there are any to be fetched.

        Raises:
            RegistryAway: they cannot be fetched now.
            UserError: they never can be, as things are set.
        """
        if self._form is not None:
            self._form.prepare(part for record in records for part in (record.key, record.value))

    def events(self, record: Any) -> list[Sent] | None:
        """Return the events of a record: family, key and value of each; None if it says nothing of a row.

        Raises:
            BadRow: it is no change, or its row cannot be.
        """
        change = self._change(record)
        return None if change is None else self._rows.events(change)

    def _change(self, record: Any) -> Change | None:
        if self._form is None:
            return change_of(record.key, record.value)
        if record.value is None:
            return None
        told = self._form.read(record.value)
        # The schema describes a row where it is named first, which is `before`.
        times = {name.partition(".")[2]: unit for name, unit in told.times.items() if name.startswith(("before.", "after."))}  # fmt: skip
        key = None if record.key is None else self._form.read(record.key).record
        return change_from(key, told.record, times)
