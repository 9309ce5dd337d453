"""What the records of a changelog partition come to, taken one by one: the last word on each key, and how far it goes."""

from typing import Any, Final

from andon.streams.state import MARK, Codec, Mark


class Fold:
    """One partition of the changelog, as far as it was read.

    `latest` has the last word on each key but the mark, `deleted` the keys removed since the last mark, and `overruled` those
    that a zombie wrote, too, in an older epoch than its successor, by `foreign` records; `newest` is the newest epoch. The `mark` knows how many
    records the last one counted, and of each topic the furthest that any of them says is applied: what is applied stays
    applied. `unreadable_mark` says why the last one could not be read.
    """

    def __init__(self, codec: Codec) -> None:
        self.latest: dict[bytes | None, bytes | None] = {}
        self.deleted: set[bytes | None] = set()
        self.overruled: set[bytes] = set()
        self.newest = 0
        self.count = 0
        self.foreign = 0
        self.mark: Mark | None = None
        self.unreadable_mark: str | None = None
        self._codec = codec
        self._mark_key: Final = codec.encode_key(*MARK)

    def take(self, record: Any) -> None:
        """Take in the next record."""
        self.count += 1
        key, value = record.key, record.value
        epoch = self._codec.epoch(value, record.headers)
        if epoch is not None and epoch != self.newest and self._is_ours(record):
            if epoch < self.newest:
                self.overruled.add(key)
                self.foreign += 1
                return
            self.newest = epoch
        if key == self._mark_key:
            self._take_mark(value)
            return
        if value is None:
            self.deleted.add(key)
        self.latest[key] = value

    def _is_ours(self, record: Any) -> bool:
        """Whether a record that names another epoch is one of state: else it would make zombies of all that follow."""
        try:
            table, _ = self._codec.decode_key(record.key)
            if record.value is not None:
                self._codec.decode(table, record.value)
        except ValueError:
            return False
        return True

    def _take_mark(self, value: bytes | None) -> None:
        self.deleted.clear()
        self.unreadable_mark = None
        if value is None:
            self.mark = None
            return
        try:
            mark = self._codec.decode(MARK[0], value)
        except ValueError as error:
            self.unreadable_mark = str(error)
            return
        if self.mark is not None and not mark.repaired:
            for topic, offset in self.mark.applied.items():
                mark.applied[topic] = max(offset, mark.applied.get(topic, 0))
        self.mark = mark

    @property
    def present(self) -> int:
        """How many records there are."""
        return sum(value is not None for value in self.latest.values())

    @property
    def missing(self) -> int:
        """How many records the last mark counted that are not there, though nobody removed them."""
        if self.mark is None or self.unreadable_mark:
            return 0
        return max(self.mark.records - len(self.deleted) - self.present, 0)

    def unreadable(self) -> dict[bytes | None, str]:
        """Return the keys of the records that are no state of this version, and why."""
        found = {}
        for key, value in self.latest.items():
            if value is not None:
                try:
                    table, _ = self._codec.decode_key(key)
                    self._codec.decode(table, value)
                except ValueError as error:
                    found[key] = str(error)
        return found
