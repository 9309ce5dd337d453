"""Where the command line writes: people's text and tables by rich, scripts' JSON as it is."""

import sys
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

_PIPE_WIDTH: Final = 200
#: Colours of severities and of the states of an alert.
STYLES = {"info": "cyan", "warning": "yellow", "critical": "bold red"}


def stdout() -> Console:
    """Return the console of results; a table in a pipe is not folded to the width of a terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def stderr() -> Console:
    """Return the console of progress and errors."""
    return Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    print(msgspec.json.encode(value).decode(), flush=True)


def table(title: str, *columns: str) -> Table:
    """Return an empty table; a column that ends in `#` holds numbers."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        name = column.removesuffix("#")
        made.add_column(name, justify="right" if column != name else "left", overflow="fold")
    return made
