"""A table: what was understood of a file, its head, and its rows, read as often as is needed in flat memory."""

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import IO, Any, Final, NamedTuple

from andon.connect.tables.dialects import Dialect, dialect_of
from andon.connect.tables.encodings import encoding_of, is_damaged
from andon.connect.tables.errors import FormatError
from andon.connect.tables.excel import Cell, Sheet, is_excel
from andon.connect.tables.heads import LOOKED_AT, head_at, is_rule
from andon.connect.tables.input_file import SAMPLE_BYTES, InputFile
from andon.connect.tables.options import TableOptions

#: No line is longer; a file without line ends is no table.
MOST_LINE: Final = 4_000_000
_COLUMNS: Final = "columns"
#: How a page begins.
_PAGE: Final = re.compile(r"\ufeff?\s*<(!doctype|html|table|meta|\?xml)", re.IGNORECASE)
_PACKED: Final = "unpack it first (of archives only gzip is read as it is)"
#: How other files begin.
_OTHERS: Final = {
    b"%PDF-": "a PDF, and no table: export it as CSV or Excel",
    b"BZh": f"packed with bzip2: {_PACKED}",
    b"\xfd7zXZ\0": f"packed with xz: {_PACKED}",
    b"\x28\xb5\x2f\xfd": f"packed with zstd: {_PACKED}",
    b"7z\xbc\xaf\x27\x1c": f"a 7z archive: {_PACKED}",
    b"Rar!": f"a RAR archive: {_PACKED}",
    b"\x1f\x8b": f"packed twice with gzip: {_PACKED}",
    b"PAR1": "a Parquet file: export it as CSV or Excel",
    b"SQLite format 3\0": "a database: export the table as CSV or Excel",
}
#: Excel's way to keep the zeros of a code.
_QUOTED_FORMULA: Final = re.compile(r'^="([^"]*)"$')


class Line(NamedTuple):
    """A row of a table: as many cells as the head has, or a fault (a reason and a text)."""

    number: int
    cells: list[Any]
    fault: tuple[str, str] | None = None

    @property
    def raw(self) -> str:
        """The row for a dead letter."""
        return ",".join(text_of(cell) for cell in self.cells)


def text_of(cell: Any) -> str:
    """Return a cell as text: numbers of Excel's without a trailing .0, dates as ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return str(cell)


def described(understood: Mapping[str, Any]) -> str:
    """Return in a line what was understood of a table."""
    words = {
        "form": "{}",
        "sheet": "sheet {}",
        "encoding": "{}",
        "delimiter": "{} between cells",
        "head_line": "head in line {}",
        "decimal": "decimal mark {}",
        "dates": "dates {}",
    }
    return ", ".join(
        form.format(understood[name]) for name, form in words.items() if name in understood
    )


def is_json(source: InputFile) -> bool:
    """Return whether a file holds JSON lines and no table."""
    sample = source.sample()
    for encoding in ("utf-8-sig", "utf-16"):
        text = sample[:4096].decode(encoding, "ignore")
        if text.lstrip("\ufeff \t\r\n").startswith("{"):
            return encoding == "utf-8-sig" or sample[:2] in (b"\xff\xfe", b"\xfe\xff")
    return False


def lines_of(binary: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield the lines of a text; bytes that do not decode are kept as lone surrogates.

    Raises:
        FormatError: a line is too long to be one, or the text is cut inside a character.
    """
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    text = io.TextIOWrapper(binary, encoding, errors, newline="")
    number = 0
    try:
        while line := text.readline(MOST_LINE):
            number += 1
            if len(line) == MOST_LINE:
                msg = f"line {number} has more than {MOST_LINE:,} characters: this is no table"
                raise FormatError(msg)
            yield line
    finally:
        # Whoever stops reading early may have closed the file already.
        with contextlib.suppress(ValueError):
            text.detach()


class Table:
    """A file that was understood as a table; every iteration reads it anew."""

    def __init__(self, source: InputFile, options: TableOptions) -> None:
        """Look at the beginning of a file.

        Raises:
            FormatError: it is no table, or cannot be read without a word from the user.
        """
        source.keep()
        self.source = source
        self.options = options
        sample = source.sample()
        self._sheet: Sheet | None = None
        self._dialect: Dialect | None = None
        self.encoding: str | None = None
        if is_excel(sample):
            self._sheet = Sheet(source.path, source.name, options.sheet)
        else:
            if options.sheet is not None:
                msg = f"--sheet: {source.name} is no Excel workbook"
                raise FormatError(msg)
            self._look(sample, options)
        self.head: list[str] = []
        self.head_line = 0
        self._read_head()

    def _look(self, sample: bytes, options: TableOptions) -> None:
        other = next((what for mark, what in _OTHERS.items() if sample.startswith(mark)), None)
        if other is not None:
            msg = f"this is {other}"
            raise FormatError(msg)
        is_whole = len(sample) < SAMPLE_BYTES
        self.encoding = encoding_of(sample, options.encoding, is_whole=is_whole)
        text = sample.decode(self.encoding, "replace")
        if _PAGE.match(text):
            raise FormatError(
                "this is a web page (HTML or XML), as some programs export under the name of a workbook: open it in Excel or "
                "LibreOffice, and save it as .xlsx or CSV UTF-8"
            )
        self._dialect = dialect_of(
            text.splitlines(keepends=True), options.delimiter, options.head_line, is_whole=is_whole
        )

    def _first_line(self) -> int:
        """Return the first line that may be the head: a sheet has its titles above it, and a text was begun below them."""
        if self.options.head_line is not None:
            return self.options.head_line
        if self._sheet is None:
            return 0
        first = [(number, cells) for number, cells in islice(self._sheet.rows(), LOOKED_AT)]
        return first[head_at([cells for _, cells in first])][0] if first else 0

    def _read_head(self) -> None:
        begin = self._first_line()
        for number, cells in self._all():
            if number < begin:
                continue
            names = [text_of(cell).strip().lstrip("\ufeff") for cell in cells]
            if any(names):
                while names and not names[-1]:
                    names.pop()
                self.head, self.head_line = names, number
                return

    @property
    def understood(self) -> dict[str, Any]:
        """What was understood of the file, for people and scripts."""
        if self._sheet is not None:
            return {"form": "Excel", "sheet": self._sheet.name, "head_line": self.head_line}
        assert self._dialect is not None
        return {
            "form": "CSV",
            "encoding": self._encoding_name,
            "delimiter": self._dialect.name,
            "quote": self._dialect.quote,
            "head_line": self.head_line,
        }

    @property
    def _encoding_name(self) -> str:
        return (self.encoding or "").removesuffix("-sig")

    @property
    def is_excel(self) -> bool:
        """Whether cells have types of their own."""
        return self._sheet is not None

    def __iter__(self) -> Iterator[Line]:
        width, head_line = len(self.head), self.head_line
        is_text = self._sheet is None
        for number, found in self._all():
            cells = found
            # Joined once: most rows have nothing in them that must be looked at cell by cell.
            whole = "".join(cells) if is_text else " "
            if number <= head_line or not whole or not (is_text or any(map(_is_filled, cells))):
                continue
            if "=" in whole:
                cells = [_cleaned(cell) for cell in cells]
            if whole[0] in "-=_+ " and is_rule(cells):
                continue
            if len(cells) > width and not any(text_of(cell).strip() for cell in cells[width:]):
                cells = cells[:width]
            elif len(cells) < width and not is_text:
                cells = [*cells, *[""] * (width - len(cells))]
            if len(cells) != width:
                yield Line(number, cells, (_COLUMNS, _uneven(cells)))
            elif is_damaged(whole):
                yield Line(
                    number,
                    [cell.encode("utf-8", "replace").decode() for cell in cells],
                    ("encoding", f"it holds bytes that are no {self._encoding_name}"),
                )
            else:
                yield Line(number, cells)

    def column(self, place: int, most: int) -> Iterator[tuple[int, Cell]]:
        """Yield lines and cells of a column, of the first rows that have no fault."""
        for line in islice(self, most):
            if line.fault is None:
                yield line.number, line.cells[place]

    def _all(self) -> Iterator[tuple[int, list[Any]]]:
        if self._sheet is not None:
            yield from self._sheet.rows()
            return
        assert self._dialect is not None
        assert self.encoding is not None
        above, mark = self._dialect.above, self._dialect.delimiter
        with self.source.opened() as binary:
            lines = lines_of(binary, self.encoding)
            for _ in range(above):
                next(lines, None)
            raw: list[str] = []
            reader = csv.reader(_noted(lines, raw), delimiter=mark, quotechar=self._dialect.quote)
            while True:
                raw.clear()
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    cells = [""]
                    is_open = True
                except UnicodeError as error:
                    msg = f"after line {above + reader.line_num}: {error}"
                    raise FormatError(msg) from error
                else:
                    is_open = len(raw) > 1 and _are_rows(raw, mark, len(self.head))
                number = above + reader.line_num
                if is_open:
                    first = number - len(raw) + 1
                    yield from ((first + at, [line]) for at, line in enumerate(raw) if line.strip())
                elif cells:
                    yield number, cells


def _noted(lines: Iterator[str], raw: list[str]) -> Iterator[str]:
    """Yield lines, and note each."""
    for line in lines:
        raw.append(line)
        yield line


def _are_rows(raw: list[str], delimiter: str, width: int) -> bool:
    """Return whether two lines of one row could each be a row: then a quote was not closed, and has swallowed what follows."""
    return width > 1 and sum(line.count(delimiter) >= width - 1 for line in raw) > 1


def _uneven(cells: list[Any]) -> str:
    """Return what to say of a row that has too few or too many cells."""
    if any(isinstance(cell, str) and cell.endswith(("\n", "\r")) for cell in cells):
        return "a quote in this line or above it is not closed, so that rows stand within a cell: close it, or write it twice"
    return "not as many columns as the first line has"


def _is_filled(cell: Any) -> bool:
    return cell not in ("", None)


def _cleaned(cell: str) -> str:
    if cell[:1] == "=":
        found = _QUOTED_FORMULA.match(cell)
        if found is not None:
            return found[1]
    return cell
