"""Files that can be replayed: each format turns rows into records, skipped rows with a reason, or bad rows with a line."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final, TextIO

from andon.connect.formats import canonical, online_retail, scms
from andon.connect.formats.rows import Row

#: Reads a text file; the options are those of `andon replay`.
Reader = Callable[..., Iterator[Row]]

#: Every format by its name.
FORMATS: Final = MappingProxyType(
    {
        "online-retail": online_retail.read,
        "scms": scms.read,
        "canonical": canonical.read,
    }
)


def read(file: TextIO, format: str, location: str | None, *, with_items: bool) -> Iterator[Row]:
    """Yield what becomes of each row of a file.

    Args:
        file: opened with `newline=""`.
        format: one of FORMATS.
        location: of the rows, where the format knows of none; the format's own if None.
        with_items: whether planning master data are derived from the rows.

    Raises:
        FormatError: the file is not of this format at all.
        ValueError: `format` is unknown.
    """
    if format not in FORMATS:
        msg = f"format: expected one of {', '.join(FORMATS)}, got {format!r}"
        raise ValueError(msg)
    return FORMATS[format](file, location=location, with_items=with_items)
