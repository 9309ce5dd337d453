"""Where the command line writes: people's text and tables by rich, scripts' JSON as it is.

Much of what is written comes from outside: names, keys, comments, messages. Nothing of it is markup (`[red]` is a name, too),
and none of it may steer the terminal or turn the order of what is read.
"""

import re
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPE_WIDTH: Final = 200
#: Colours of severities and of the states of an alert.
STYLES = {"info": "cyan", "warning": "yellow", "critical": "bold red"}


#: Control characters but tab and newline (C0, C1, with what begins an escape), marks that turn the direction of text, and
#: halves of characters that no encoding can write.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    """Return a text from outside as it may be written: what would steer a terminal is spelled out."""
    return _UNSAFE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _safe(thing: Any) -> Any:
    """Return what is to be printed, made of plain text."""
    if isinstance(thing, str):
        return Text(plain(thing))
    if isinstance(thing, Text) and _UNSAFE.search(thing.plain):
        return Text(plain(thing.plain), thing.style)
    return thing


class PlainConsole(Console):
    """A console to which text is text."""

    def print(self, *things: Any, **options: Any) -> None:
        """Print; strings and texts are written as they are, but for what would steer the terminal."""
        super().print(*(_safe(thing) for thing in things), **options)


class PlainTable(Table):
    """A table whose cells are text."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        """Add a row."""
        super().add_row(*(_safe(cell) for cell in cells), **options)


def stdout() -> Console:
    """Return the console of results; a table in a pipe is not folded to the width of a terminal."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return PlainConsole(highlight=False, emoji=False, markup=False, width=width)


def stderr() -> Console:
    """Return the console of progress and errors."""
    return PlainConsole(stderr=True, highlight=False, emoji=False, markup=False)


def print_counts(told: Mapping[str, int], *, as_json: bool) -> None:
    """Print how many there were of what, for people or for scripts."""
    if as_json:
        print_json(told)
    else:
        stdout().print(", ".join(f"{count:,} {name}" for name, count in told.items()))


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    print(msgspec.json.encode(value).decode(), flush=True)


def table(title: str, *columns: str) -> Table:
    """Return an empty table; a column that ends in `#` holds numbers."""
    made = PlainTable(
        title=Text(plain(title), "table.title"), title_justify="left", box=None, pad_edge=False
    )
    for column in columns:
        name = column.removesuffix("#")
        made.add_column(name, justify="right" if column != name else "left", overflow="fold")
    return made
