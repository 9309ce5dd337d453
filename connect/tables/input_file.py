"""The bytes of a file: packed or not, of a path or standard input, read as often as is needed, and never without a bound."""

import gzip
import io
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Self

from andon.connect.tables.errors import FormatError

#: So much of a file is looked at to tell how it is written.
SAMPLE_BYTES: Final = 262_144
#: A packed file may unpack to so many bytes: ten years of a large chain, and no bomb.
MOST_UNPACKED: Final = 32 * 2**30
_GZIP: Final = b"\x1f\x8b"


class _Bounded(io.RawIOBase):
    """What a packed file unpacks to, as far as the bound."""

    def __init__(self, packed: Any, most: int, name: str) -> None:
        super().__init__()
        self._packed = packed
        self._left = most
        self._most = most
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._packed.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            msg = f"{self._name} is cut off or no gzip file: {error}"
            raise FormatError(msg) from error
        self._left -= len(data)
        if self._left < 0:
            msg = f"{self._name} unpacks to more than {self._most:,} bytes: unpack it, and read it in parts"
            raise FormatError(msg)
        buffer[: len(data)] = data
        return len(data)


class InputFile:
    """A file that can be opened anew; a context manager.

    Standard input is read as it comes while it is JSON lines; a table of it is copied to a temporary file first.
    """

    def __init__(self, path: Path | str, most_unpacked: int = MOST_UNPACKED) -> None:
        self.name = "standard input" if str(path) == "-" else str(path)
        self._path = Path(path)
        self._most = most_unpacked
        self._stdin: IO[bytes] | None = sys.stdin.buffer if str(path) == "-" else None
        self._copy: Any = None
        #: The raw file that was opened last: how far it has been read is progress.
        self.raw: Any = None
        self.size = 0

    def __enter__(self) -> Self:
        """Open it for the first time.

        Raises:
            FormatError: it cannot be read.
        """
        if self._stdin is not None:
            self._stdin = io.BufferedReader(_Joined(self._stdin.read(1), self._stdin))
            return self
        try:
            with self._path.open("rb"):
                self.size = self._path.stat().st_size
        except OSError as error:
            msg = f"cannot read {self.name}: {error.strerror}"
            raise FormatError(msg) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._copy is not None:
            self._copy.close()

    @property
    def is_live(self) -> bool:
        """Whether it is standard input that has not been copied."""
        return self._stdin is not None

    def keep(self) -> None:
        """Copy standard input, so that it can be read more than once."""
        if self._stdin is None:
            return
        self._copy = tempfile.NamedTemporaryFile(prefix="andon-")  # noqa: SIM115
        shutil.copyfileobj(self._stdin, self._copy)
        self._copy.flush()
        self._path, self._stdin = Path(self._copy.name), None
        self.size = self._path.stat().st_size

    def sample(self) -> bytes:
        """Return the first bytes, unpacked."""
        if self._stdin is not None:
            peeked: bytes = self._stdin.peek(SAMPLE_BYTES)  # type: ignore[attr-defined]
            if peeked[:2] != _GZIP:
                return peeked
            self.keep()
        with self.opened() as binary:
            return binary.read(SAMPLE_BYTES)

    @property
    def path(self) -> Path:
        """Where the bytes are, standard input copied."""
        self.keep()
        return self._path

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Yield the bytes from the start, unpacked; of live standard input those that have not been read."""
        if self._stdin is not None:
            yield self._stdin
            return
        with self._path.open("rb") as raw:
            self.raw = raw
            if raw.peek(2)[:2] == _GZIP:
                unpacked = _Bounded(gzip.GzipFile(fileobj=raw), self._most, self.name)
                yield io.BufferedReader(unpacked, 262_144)
            else:
                yield raw

    def position(self) -> int | None:
        """Return how many bytes of the file have been read; None if nobody can tell."""
        return None if self.raw is None or self.raw.closed else self.raw.tell()


class _Joined(io.RawIOBase):
    """A first piece, and what comes after it."""

    def __init__(self, first: bytes, rest: Any) -> None:
        super().__init__()
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._first:
            data, self._first = self._first[: len(buffer)], self._first[len(buffer) :]
        else:
            data = (
                self._rest.read1(len(buffer))
                if hasattr(self._rest, "read1")
                else self._rest.read(len(buffer))
            )
        buffer[: len(data)] = data
        return len(data)
