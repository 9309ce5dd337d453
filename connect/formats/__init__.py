"""Files that can be replayed: each format turns rows into records, skipped rows with a reason, or bad rows with a line."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from andon.connect.formats import canonical, online_retail, sales, scms
from andon.connect.formats.rows import Row
from andon.connect.imports.grain import Said
from andon.connect.tables.errors import FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID, TableOptions
from andon.connect.tables.table import Table, is_json

#: Reads a file; the options are those of `andon replay`.
Reader = Callable[..., Iterator[Row]]

#: Every format by its name.
FORMATS: Final = MappingProxyType(
    {
        "online-retail": online_retail.read,
        "scms": scms.read,
        "canonical": canonical.read,
        "sales": sales.read,
    }
)


def read(
    source: InputFile,
    format: str,
    location: str | None,
    *,
    with_items: bool,
    options: TableOptions = UNSAID,
    grain: Said | None = None,
) -> Iterator[Row]:
    """Yield what becomes of each row of a file.

    Args:
        source: the file.
        format: one of FORMATS.
        location: of the rows, where the format knows of none; the format's own if None.
        with_items: whether planning master data are derived from the rows.
        options: what is said of how the file is written.
        grain: of what its rows are said to be; only a table of sales leaves that open.

    Raises:
        FormatError: the file is not of this format at all, or its rows are of no days and nobody said so.
        ValueError: `format` is unknown.
    """
    if format not in FORMATS:
        msg = f"format: expected one of {', '.join(FORMATS)}, got {format!r}"
        raise ValueError(msg)
    if format == "sales":
        return sales.read(
            source, location=location, with_items=with_items, options=options, grain=grain
        )
    if grain is not None:
        msg = f"--grain: rows of the format {format} say when they were; only tables of sales may be of days, weeks or months"
        raise FormatError(msg)
    return FORMATS[format](source, location=location, with_items=with_items, options=options)


def format_of(source: InputFile, options: TableOptions = UNSAID) -> str:
    """Return the format of a file that nobody names: canonical if it is JSON lines or has event ids, else sales.

    Raises:
        FormatError: it is neither JSON lines nor a table.
    """
    if is_json(source) or "event_id" in Table(source, options).head:
        return "canonical"
    return "sales"
