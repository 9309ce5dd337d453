from collections.abc import Callable
from typing import Any, Self

class PlainSales:
    def __new__(
        cls,
        earliest: float,
        ahead: float,
        longest: int,
        open_seconds: float,
        most_digests: int,
        book: type[Any],
        demand: type[Any],
        digest: Callable[[bytes], bytes],
        note_backlog: Callable[[Any, float], None],
    ) -> Self: ...
    def run(
        self,
        records: list[Any],
        place: int,
        books: dict[str, Any],
        dirty: set[str],
        watermark: float,
        newest: float,
        latest: float,
        let_go: Callable[[Any, str, float], None],
        /,
    ) -> tuple[int, int, float, float, Any, str | None]: ...

def read(value: bytes, /) -> tuple[str, float, str, str, int] | None: ...
