"""The last files that connectors have taken, with what became of each."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from andon.connect.files import FAMILY, TakenFile

__all__ = ["COLUMNS", "FAMILY", "MOST", "TakenFiles", "row_of_file"]
#: So many are kept, and so many of each partition are read at the start.
MOST: Final = 500
COLUMNS: Final = (
    *("at", "connector", "kind", "file", "outcome", "rows", "read", "skipped", "refused", "sent", "imported_before"),
    *("why", "place"),
)  # fmt: skip


class TakenFiles:
    """The last of them."""

    def __init__(self) -> None:
        self._files: dict[str, TakenFile] = {}
        self._decode = msgspec.json.Decoder(TakenFile).decode

    def take(self, record: Any) -> None:
        """Take in a record of the topic; what cannot be read says nothing."""
        key = (record.key or b"").decode("utf-8", "replace")
        self._files.pop(key, None)
        if not record.value:
            return
        try:
            self._files[key] = self._decode(record.value)
        except msgspec.MsgspecError:
            return
        while len(self._files) > MOST:
            del self._files[next(iter(self._files))]

    @property
    def newest_first(self) -> Iterable[TakenFile]:
        """All that are kept."""
        return sorted(self._files.values(), key=lambda one: one.at, reverse=True)


def row_of_file(file: TakenFile) -> dict[str, Any]:
    """Return a file as a row: with why, in a line."""
    reasons = "; ".join(
        f"{one.count} x {one.reason} (from line {one.lines[0]}): {one.example}"
        if one.lines
        else f"{one.count} x {one.reason}: {one.example}"
        for one in file.reasons
    )
    told = {name: getattr(file, name, None) for name in COLUMNS}
    outcome = (
        "failed" if file.failed is not None else "refused in part" if file.refused else "processed"
    )
    why = file.failed if file.failed is not None else reasons
    return {**told, "at": file.at.isoformat(), "outcome": outcome, "why": why}
