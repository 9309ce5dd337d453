"""Spans of time as people write them: 60s, 5m, 2h, 14d."""

import re

import typer

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PATTERN = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


def seconds_of(text: str) -> float:
    """Return the seconds of a span; a bare number is seconds.

    Raises:
        typer.BadParameter: it is no span.
    """
    found = _PATTERN.fullmatch(text.strip())
    if found is None:
        msg = f"expected a span such as 60s, 5m or 2h, got {text!r}"
        raise typer.BadParameter(msg)
    return float(found[1]) * _UNITS[found[2] or "s"]
