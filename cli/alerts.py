"""`andon alerts`: what the board says, as a list or as it comes."""

from typing import Annotated, get_args

import typer
from rich.text import Text

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import STYLES, print_json, stdout
from andon.schemas.alerts import Alert, AlertKind
from andon.streams.alert_feed import (
    FAMILIES,
    SHADOW,
    LastWords,
    decoded,
    still_open,
    unrepeated,
)
from andon.streams.clients import arriving, consumer, present
from andon.streams.errors import UserError
from andon.streams.settings import Settings

KINDS: tuple[str, ...] = get_args(AlertKind)


def _complete(incomplete: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(incomplete)]


@connected
def alerts(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as alerts come.")] = False,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only alerts that are open now, as last said.")
    ] = False,
    kind: Annotated[
        str | None,
        typer.Option(help=f"Only one kind: {', '.join(KINDS)}.", autocompletion=_complete),
    ] = None,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="Those of items in shadow instead, which nobody acts on."),
    ] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Print the alerts published so far, oldest first; with --follow, go on with those that come.

    Examples:

        andon alerts --open

        andon alerts --follow --kind stockout_risk --json | jq -r .sentence
    """
    if kind is not None and kind not in KINDS:
        msg = f"--kind {kind} is unknown: it is one of {', '.join(KINDS)}"
        raise UserError(msg)
    client = consumer(settings, SHADOW if shadow else FAMILIES, from_start=True)
    try:
        words = LastWords()
        # In the order of the topics first: by time, a word could come after one that overrides it.
        said = list(unrepeated(decoded(present(client)), words))
        said.sort(key=lambda alert: alert.changed_at)
        for alert in still_open(said) if open_only else said:
            _print(alert, kind, as_json)
        if follow:
            for alert in unrepeated(decoded(arriving(client)), words):
                _print(alert, kind, as_json)
    finally:
        client.close()


def line(alert: Alert) -> Text:
    """Return an alert as one line: time, mark, sentence."""
    mark = {"opened": "●", "updated": "◐", "resolved": "○"}[alert.status]
    style = "green" if alert.status == "resolved" else STYLES[alert.severity]
    text = Text(f"{alert.changed_at:%Y-%m-%d %H:%M} ", style="dim")
    text.append(f"{mark} ", style=style)
    text.append(alert.sentence, style="dim" if alert.status == "resolved" else "")
    return text


def _print(alert: Alert, kind: str | None, as_json: bool) -> None:
    if kind is not None and alert.kind != kind:
        return
    if as_json:
        print_json(alert)
    else:
        stdout().print(line(alert), soft_wrap=True)
