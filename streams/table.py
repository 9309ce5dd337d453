"""A table of a shard: records by key, of which those not used lately are kept encoded, at a fifth of their size."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

#: So many records are packed in one go, a few microseconds each.
_MOST_AT_ONCE = 10_000


class Table(dict[str, Any]):
    """Records by key; a packed one is decoded when it is asked for, and is live from then on.

    The dict itself holds the live records, so that looking only for those (`get_live`) costs nothing more.
    """

    def __init__(self, kind: type[Any]) -> None:
        super().__init__()
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._packed: dict[str, bytes] = {}

    def __missing__(self, key: str) -> Any:
        record = self._decode(self._packed.pop(key))
        super().__setitem__(key, record)
        return record

    def __setitem__(self, key: str, record: Any) -> None:
        self._packed.pop(key, None)
        super().__setitem__(key, record)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a record, live from now on."""
        record = super().get(key)
        if record is None:
            return self[key] if key in self._packed else default
        return record

    @property
    def get_live(self) -> Callable[[str], Any]:
        """What returns the record under a key if it is live, and else None: the dict's own `get`, for where it is called often."""
        return super().get

    def resting(self) -> Iterator[str]:
        """Yield the keys of the records that are packed, those first that are so for longest."""
        yield from self._packed

    def peek(self, key: str) -> Any:
        """Return a record to look at, or None: a packed one stays packed, and changes to it are lost."""
        record = super().get(key)
        if record is None and key in self._packed:
            return self._decode(self._packed[key])
        return record

    def may_hold(self, key: str, text: bytes) -> bool:
        """Return whether a text may be in a record: a packed one is looked through as it is, in a hundredth of what decoding it takes."""
        packed = self._packed.get(key)
        return packed is None or text in packed

    def pop(self, key: str, default: Any = None) -> Any:
        """Remove a record and return it."""
        record = self.get(key)
        if record is None:
            return default
        del self[key]
        return record

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self._packed

    def __len__(self) -> int:
        return super().__len__() + len(self._packed)

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield from self._packed

    def keys(self) -> Any:
        """Return all keys."""
        return list(self)

    def items(self) -> Any:
        """Yield all keys and records; all are live from then on, as they may be changed."""
        return ((key, self[key]) for key in list(self))

    def values(self) -> Any:
        """Yield all records; all are live from then on, as they may be changed."""
        return (record for _, record in self.items())

    @property
    def live(self) -> int:
        """How many records are live."""
        return super().__len__()

    def add_packed(self, key: str, encoded: bytes) -> None:
        """Take in a record that nobody asks for yet."""
        self._packed[key] = encoded

    def live_items(self) -> list[tuple[str, Any]]:
        """Return the keys and records that are live."""
        return [(key, self[key]) for key in super().__iter__()]

    def pack(self, limit: int, busy: Iterable[set[str]]) -> int:
        """Pack records until about `limit` are live, the longest live first, and return how many.

        Those that are busy, or have a message in their outbox, stay live. The caller sees to it that all others are written.
        """
        excess = min(self.live - limit, _MOST_AT_ONCE)
        if excess <= 0:
            return 0
        idle = (key for key in super().__iter__() if not any(key in keys for keys in busy))
        keys = list(islice(idle, excess))
        for key in keys:
            if not self[key].outbox:
                self._packed[key] = self._encode(super().pop(key))
        return len(keys)
