"""Which alerts a sink is to tell of: their kinds, and how severe they are."""

from typing import Annotated, Final, get_args

import typer

from andon.schemas.alerts import AlertKind
from andon.streams.errors import UserError

KINDS: Final[tuple[str, ...]] = get_args(AlertKind)
_SEVERITIES: Final = ("info", "warning", "critical")

Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help=f"Only these kinds: {', '.join(KINDS)}.")
]
AtLeast = Annotated[
    str, typer.Option("--severity", help=f"At least this severe: {', '.join(_SEVERITIES)}.")
]


def severities_of(kinds: list[str] | None, severity: str) -> tuple[str, ...]:
    """Return the severities that are at least as severe.

    Raises:
        UserError: there is no such kind or severity.
    """
    unknown = sorted(set(kinds or ()) - set(KINDS))
    if unknown:
        msg = f"--kind {unknown[0]} is unknown: it is one of {', '.join(KINDS)}"
        raise UserError(msg)
    if severity not in _SEVERITIES:
        msg = f"--severity {severity} is unknown: it is one of {', '.join(_SEVERITIES)}"
        raise UserError(msg)
    return _SEVERITIES[_SEVERITIES.index(severity) :]
