"""A watched folder: files that somebody puts there, by hand or by SFTP, are imported and put away with what became of them.

Its subfolders are named by the kinds of tables (`sales`, `stock`, ...), and `edi`; each may hold a `mapping.toml`. A file is taken once nobody
has written to it for some seconds, and moved only after all its events are acknowledged and noted: whatever ends the process in
between, the file is read again, and the ledger leaves out what was sent.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from andon.connect.edi.inbox import KIND as EDI
from andon.connect.edi.inbox import OUT
from andon.connect.imports.kinds import KINDS
from andon.connect.imports.mapping import Mapping, load_mapping
from andon.connect.tables.errors import FormatError

PROCESSED: Final = "processed"
FAILED: Final = "failed"
MAPPING: Final = "mapping.toml"
#: What is described first: items before what is sold of them.
_ORDER: Final = ("locations", "suppliers", "items", "stock", "sales", "orders", EDI)
#: Names of files that are still being written, or are ours.
_UNFINISHED: Final = (".tmp", ".part", ".filepart", ".crdownload")
#: A mapping's `at` that stands for when the file was last written.
_FILE_TIME: Final = "file"


@dataclass(frozen=True)
class Waiting:
    """A file that waits to be imported."""

    kind: str
    path: Path

    @property
    def name(self) -> str:
        """Its kind and name."""
        return f"{self.kind}/{self.path.name}"

    def mapping(self) -> Mapping:
        """Return how files of its kind are to be understood.

        Raises:
            FormatError: the mapping beside it cannot be.
        """
        beside = self.path.parent / MAPPING
        found = load_mapping(beside, self.kind) if beside.is_file() else Mapping()
        if found.at == _FILE_TIME:
            written = datetime.fromtimestamp(int(self.path.stat().st_mtime), UTC)
            found = msgspec.structs.replace(found, at=written.isoformat())
        return msgspec.structs.replace(found, kind=self.kind)


class Inbox:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        """Make the subfolders that are missing.

        Raises:
            FormatError: they cannot be made.
        """
        self.folder = folder
        try:
            (folder / EDI / OUT).mkdir(parents=True, exist_ok=True)
            for kind in (*KINDS, EDI):
                for inner in (PROCESSED, FAILED):
                    (folder / kind / inner).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"cannot make the folders of {folder}: {error.strerror}"
            raise FormatError(msg) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from taking the same files.

        Raises:
            FormatError: another one has the folder.
        """
        with (self.folder / ".andon-lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                msg = f"another process watches {self.folder}"
                raise FormatError(msg) from error
            yield

    def waiting(self, now: float, settled_seconds: float) -> list[Waiting]:
        """Return the files that nobody has written to for so long, the oldest of each kind first.

        Args:
            now: seconds since 1970.
            settled_seconds: how long.
        """
        found: list[Waiting] = []
        for kind in _ORDER:
            there = [path for path in (self.folder / kind).iterdir() if _is_meant(path)]
            ready = [
                (status.st_mtime, path.name, path)
                for path in there
                if now - (status := path.stat()).st_mtime >= settled_seconds
            ]
            found += [Waiting(kind, path) for _, _, path in sorted(ready)]
        return found

    def place_for(self, file: Waiting, *, failed: bool) -> Path:
        """Return where a file belongs; a name that is there already gets a number."""
        place = self.folder / file.kind / (FAILED if failed else PROCESSED)
        target, number = place / file.path.name, 1
        while target.exists():
            number += 1
            target = place / f"{file.path.stem}-{number}{file.path.suffix}"
        return target

    def put_away(self, file: Waiting, account: dict[str, Any], target: Path) -> None:
        """Move a file to its place, with its account beside it."""
        # The account comes first: a file that was moved is never without one.
        text = msgspec.json.format(msgspec.json.encode(account), indent=2)
        target.with_name(f"{target.name}.json").write_bytes(text + b"\n")
        shutil.move(file.path, target)


def _is_meant(path: Path) -> bool:
    name = path.name.lower()
    is_mapping = name.startswith(Path(MAPPING).stem) and name.endswith(Path(MAPPING).suffix)
    hidden = name.startswith((".", "~$")) or is_mapping or name.endswith(_UNFINISHED)
    return path.is_file() and not hidden
