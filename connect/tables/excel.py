"""Excel's sheets, by python-calamine (the extra `andon[excel]`): whole in memory, and therefore bounded."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from andon.connect.tables.errors import FormatError

Cell = str | int | float | bool | datetime | date | time | timedelta
#: A workbook is held in memory: so many bytes unpacked at most, about two million cells.
MOST_UNPACKED: Final = 400_000_000
_ZIP: Final = b"PK\x03\x04"
#: Parts of a workbook with a password, as the directory of its container names them.
_ENCRYPTED: Final = ("EncryptedPackage", "EncryptionInfo")
_LOOKED_AT: Final = 50_000_000
_OLE: Final = b"\xd0\xcf\x11\xe0"


def is_excel(sample: bytes) -> bool:
    """Return whether a file begins as a workbook does (.xlsx, .xlsb, .ods, .xls)."""
    return sample.startswith((_ZIP, _OLE))


class Sheet:
    """A sheet of a workbook."""

    def __init__(self, path: Path, name: str, said: str | None) -> None:
        """Read it.

        Args:
            path: of the workbook.
            name: of the file, for messages.
            said: the sheet's name, if the user says it.

        Raises:
            FormatError: it cannot be read, or it is not clear which sheet is meant.
        """
        try:
            from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - an extra
        except ImportError as error:
            msg = f"{name} is an Excel workbook: `pip install 'andon[excel]'` reads it, or save it as CSV UTF-8"
            raise FormatError(msg) from error
        _check_size(path, name)
        try:
            # By what is in it: workbooks bear each other's endings.
            book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
            self.name = _chosen(book, name, said)
            sheet = book.get_sheet_by_name(self.name)
            self._rows: Any = sheet
        except CalamineError as error:
            msg = f"{name} is no workbook that can be read: {_why(path, error)}"
            raise FormatError(msg) from error

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield the number of each row, and its cells."""
        yield from enumerate(self._rows.iter_rows(), 1)


def _why(path: Path, error: Exception) -> str:
    """Return what is wrong with a workbook, and what to do."""
    head = path.read_bytes()[:_LOOKED_AT]
    if any(word.encode("utf-16-le") in head for word in _ENCRYPTED):
        return "it is protected by a password: save it without one"
    if head.startswith(_ZIP) and not zipfile.is_zipfile(path):
        return f"it is cut off ({error}): fetch or save it again"
    if head.startswith(_ZIP):
        return f"it is a ZIP archive of something else ({error}): unpack it, and take the tables in it one by one"
    return f"{error}; save it as .xlsx or CSV UTF-8"


def _check_size(path: Path, name: str) -> None:
    size = unpacked_size(path)
    if size > MOST_UNPACKED:
        msg = f"{name} holds {size:,} bytes unpacked, more than fits into memory: save it as CSV UTF-8"
        raise FormatError(msg)


def unpacked_size(path: Path) -> int:
    """Return how many bytes a file holds, unpacked if it is an archive that can be read."""
    try:
        with zipfile.ZipFile(path) as packed:
            return sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        # What reads it says what is wrong with it.
        return path.stat().st_size


def _chosen(book: Any, name: str, said: str | None) -> str:
    names: list[str] = list(book.sheet_names)
    if said is not None:
        if said not in names:
            msg = f"{name} has no sheet {said!r}: its sheets are {', '.join(names)}"
            raise FormatError(msg)
        return said
    filled = [one for one in names if book.get_sheet_by_name(one).start is not None]
    if not filled:
        msg = f"{name} has no sheet with anything in it"
        raise FormatError(msg)
    if len(filled) > 1:
        msg = f"{name} has several sheets: say which one, --sheet {' or --sheet '.join(map(repr, filled))}"
        raise FormatError(msg)
    return filled[0]
