"""Durations as people write them: 60s, 5m, 2h."""

import re

import typer

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> float:
    """Return the seconds of a duration such as `60s`, `1.5m` or `2h`; a bare number is seconds.

    Raises:
        typer.BadParameter: the text is no duration.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if match is None:
        msg = f"{text!r} is no duration: write 60s, 5m or 2h"
        raise typer.BadParameter(msg)
    return float(match[1]) * _UNITS[match[2]]
