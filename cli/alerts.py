"""`andon alerts`: read the alerts, as they stand or as they come."""

from typing import Annotated, Any

import typer
from rich.text import Text

from andon.cli.clients import consumer, read_to_end
from andon.cli.state import console, settings_of
from andon.schemas.alerts import Alert
from andon.schemas.common import decode
from andon.streams.topics import topic_name

_STYLES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}
_MARKS = {"opened": "+", "updated": "~", "resolved": "-"}


def line_of(alert: Alert) -> Text:
    """Return one alert as one line: when, what happened to it, how bad it is, and its sentence."""
    text = Text(f"{alert.changed_at:%Y-%m-%d %H:%M} ", style="dim")
    style = "green" if alert.status == "resolved" else _STYLES[alert.severity]
    text.append(f"{_MARKS[alert.status]} {alert.kind.replace('_', ' '):<14} ", style=style)
    text.append(alert.sentence, style="dim" if alert.status == "resolved" else "")
    return text


def alerts(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="wait for more")] = False,
    only_open: Annotated[bool, typer.Option("--open", help="only those open now")] = False,
    kind: Annotated[str | None, typer.Option(help="only this kind, such as stockout_risk")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
) -> None:
    """Show the alerts that were published, each with one sentence.

    Examples:

        andon alerts --open

        andon alerts --follow --kind stockout_risk

        andon alerts --json | jq 'select(.severity=="critical")'
    """
    settings = settings_of(context)
    topics = [topic_name(settings, family) for family in ("replenishment", "disruptions")]

    def show(record: Any) -> None:
        alert = decode(record.value, Alert)
        if kind is None or alert.kind == kind:
            if as_json:
                typer.echo(record.value.decode())
            else:
                console.print(line_of(alert), soft_wrap=True)

    newest: dict[str, tuple[Alert, Any]] = {}
    for record in sorted(read_to_end(settings, *topics), key=lambda one: one.timestamp):
        alert = decode(record.value, Alert)
        known = newest.get(alert.alert_id)
        if known is not None and alert.revision <= known[0].revision:
            continue
        newest[alert.alert_id] = (alert, record)
        if not only_open:
            show(record)
    if only_open:
        for alert, record in newest.values():
            if alert.status != "resolved":
                show(record)
    if follow:
        client = consumer(settings, *topics, from_end=True)
        while True:
            for records in client.poll(timeout_ms=500).values():
                for record in records:
                    show(record)
