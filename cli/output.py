"""Where the command line writes: people's text and tables by rich, scripts' JSON as it is."""

from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

#: Colours of severities and of the states of an alert.
STYLES = {"info": "cyan", "warning": "yellow", "critical": "bold red"}


def stdout() -> Console:
    """Return the console of results."""
    return Console(highlight=False)


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
