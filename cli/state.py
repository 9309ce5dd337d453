"""What all commands share: the console, the settings chosen on the command line, and how errors are said."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console

from andon.streams.settings import Settings, load_settings

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


@dataclass
class Options:
    """The options before the command's name."""

    overrides: dict[str, Any] = field(default_factory=dict)

    def settings(self, **more: Any) -> Settings:
        """Return the settings with these options on top."""
        return load_settings(**{**self.overrides, **more})


def settings_of(context: typer.Context, **more: Any) -> Settings:
    """Return the settings that a command was called with."""
    options: Options = context.obj
    return options.settings(**more)


def print_json(value: Any) -> None:
    """Print a value for a script to read, one line."""
    typer.echo(msgspec.json.encode(value).decode())


def fail(text: str, code: int = 1) -> typer.Exit:
    """Say what went wrong and return the exit to raise."""
    errors.print(f"[red]andon:[/red] {text}", soft_wrap=True)
    return typer.Exit(code)


def read_text(path: str) -> str:
    """Return a file's text, or standard input's for `-`.

    Raises:
        OSError: the file cannot be read.
    """
    if path == "-":
        return typer.get_text_stream("stdin").read()
    return Path(path).read_text(encoding="utf-8")


def pretty(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(json.loads(msgspec.json.encode(value)), indent=2, ensure_ascii=False)
