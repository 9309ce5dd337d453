"""`andon alerts`: what the board says, as a list or as it comes."""

from typing import Annotated, Any

import msgspec
import typer
from rich.text import Text

from andon.cli.support.alert_options import KINDS
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import STYLES, print_json, stdout
from andon.console.answers import in_words
from andon.planning.alerting.sentences import MARKS, OVER
from andon.schemas.alerts import Alert
from andon.schemas.board import Answer
from andon.streams.alert_feed import (
    FAMILIES,
    SHADOW,
    LastWords,
    decoded,
    unrepeated,
)
from andon.streams.board_feed import FAMILY as BOARD
from andon.streams.board_feed import OpenBoard
from andon.streams.clients import arriving, consumer, present
from andon.streams.errors import UserError
from andon.streams.settings import Settings


def _complete(incomplete: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(incomplete)]


@connected
def alerts(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as alerts come.")] = False,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only alerts that are open now, with their answers.")
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

    Each line ends with the alert's id, by which it is answered: `andon ack`, `snooze`, `order` and `reject`.

    Examples:

        andon alerts --open

        andon alerts --follow --kind stockout_risk --json | jq -r .sentence
    """
    if kind is not None and kind not in KINDS:
        msg = f"--kind {kind} is unknown: it is one of {', '.join(KINDS)}"
        raise UserError(msg)
    # Before the board is read, so that nothing is missed that is said meanwhile.
    client = consumer(settings, SHADOW if shadow else FAMILIES, from_start=not open_only)
    try:
        words = LastWords()
        if open_only:
            for entry in read_board(settings).oldest_first:
                if (entry.alert.stage == "shadow") == shadow and words.is_news(entry.alert):
                    _print(entry.alert, kind, as_json, entry.answer, open_only=True)
        else:
            # In the order of the topics first: by time, a word could come after one that overrides it.
            said = list(unrepeated(decoded(present(client)), words))
            for alert in sorted(said, key=lambda alert: alert.changed_at):
                _print(alert, kind, as_json)
        if follow:
            for alert in unrepeated(decoded(arriving(client)), words):
                _print(alert, kind, as_json)
    finally:
        client.close()


def read_board(settings: Settings) -> OpenBoard:
    """Return the board as it is now.

    Raises:
        BrokerUnavailable: no broker answers.
        UserError: its topic is missing.
    """
    client = consumer(settings, (BOARD,), from_start=True)
    try:
        return OpenBoard().fold(present(client))
    finally:
        client.close()


def line(alert: Alert) -> Text:
    """Return an alert as one line: time, how urgent it is or that it is over, sentence."""
    is_over = alert.status == "resolved"
    mark = OVER if is_over else MARKS[alert.severity]
    style = "green" if is_over else STYLES[alert.severity]
    text = Text(f"{alert.changed_at:%Y-%m-%d %H:%M} ", style="dim")
    text.append(f"{mark} ", style=style)
    text.append(alert.sentence, style="dim" if is_over else "")
    return text


def _print(
    alert: Alert,
    kind: str | None,
    as_json: bool,
    answer: Answer | None = None,
    *,
    open_only: bool = False,
) -> None:
    if kind is not None and alert.kind != kind:
        return
    if as_json:
        fields: dict[str, Any] = msgspec.to_builtins(alert)
        if open_only:
            fields["answer"] = msgspec.to_builtins(answer)
        print_json(fields)
        return
    text = line(alert)
    if answer is not None:
        text.append(f" {in_words(answer)}.", style="green")
    text.append(f" {alert.alert_id}", style="dim")
    stdout().print(text, soft_wrap=True)
