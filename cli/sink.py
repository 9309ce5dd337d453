"""`andon sink`: forwards alerts to Alertmanager, a webhook or by mail, for those who do not read Kafka."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from andon.cli.sink_mail import mail
from andon.cli.support.alert_options import AtLeast, Kinds, severities_of
from andon.cli.support.duration import duration
from andon.cli.support.options import LogFormat, LogLevel, connected, logging_as
from andon.cli.support.secret_file import read_secret
from andon.cli.support.stopping import Stop
from andon.connect.sinks.delivery import Post
from andon.connect.sinks.forward import Alertmanager, Forwarder, Receiver, Webhook
from andon.schemas.alerts import Alert
from andon.streams.alert_feed import FAMILIES
from andon.streams.clients import consumer
from andon.streams.logs import set_up_logs
from andon.streams.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="Forward alerts to Alertmanager, to a webhook or by mail."
)

Url = Annotated[str, typer.Option(help="Where to, as http://host:port/path.")]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        envvar="ANDON_SINK_TOKEN_FILE",
        help="File with a token that is sent as `Authorization: Bearer`.",
        exists=True,
        dir_okay=False,
    ),
]
Group = Annotated[
    str | None, typer.Option(help="Its name: what was delivered is remembered under it.")
]
AliveFile = Annotated[Path | None, typer.Option(help="Touched at every step, for a health check.")]


app.command("mail")(mail)


@app.command("alertmanager")
@connected
def alertmanager(
    url: Url = "http://127.0.0.1:9093",
    kind: Kinds = None,
    severity: AtLeast = "info",
    token_file: TokenFile = None,
    resend: Annotated[
        float,
        typer.Option(parser=duration, metavar="TIME", help="How often open alerts are sent again."),
    ] = "1m",  # type: ignore[assignment]
    group: Group = None,
    alive_file: AliveFile = None,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    *,
    settings: Settings,
) -> None:
    """Keep Alertmanager's alerts as Andon's are: firing while open, resolved when resolved, sent again every minute.

    An alert is over in Alertmanager when it was not sent again four times in a row.

    Examples:

        andon sink alertmanager --url http://alertmanager:9093

        andon sink alertmanager --kind stockout_risk --severity warning
    """
    address = f"{url.rstrip('/')}/api/v2/alerts"
    lives = timedelta(seconds=4 * resend)
    _run(
        logging_as(settings, log_level, log_format),
        lambda post: Alertmanager(post, lives),
        address,
        token_file,
        _wanted(kind, severity),
        timedelta(seconds=resend),
        group or f"{settings.prefix}-sink-alertmanager",
        alive_file,
    )


@app.command("webhook")
@connected
def webhook(
    url: Url,
    kind: Kinds = None,
    severity: AtLeast = "info",
    token_file: TokenFile = None,
    group: Group = None,
    alive_file: AliveFile = None,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    *,
    settings: Settings,
) -> None:
    """Post every change of an alert to an address, in the form of Alertmanager's webhooks, until it is accepted.

    A change may be posted twice after a crash: `alert.event_id` names it. A severity that is left out earlier may come
    later: an alert is forwarded from the change on that makes it severe enough.

    Examples:

        andon sink webhook --url https://procurement.example/andon --token-file /run/secrets/token
    """
    _run(
        logging_as(settings, log_level, log_format),
        Webhook,
        url,
        token_file,
        _wanted(kind, severity),
        timedelta(minutes=1),
        group or f"{settings.prefix}-sink-webhook",
        alive_file,
    )


def _wanted(kinds: list[str] | None, severity: str) -> Callable[[Alert], bool]:
    severe = severities_of(kinds, severity)

    def wanted(alert: Alert) -> bool:
        # What fires below the wanted severity was never told of, but its end does no harm.
        return (not kinds or alert.kind in kinds) and (
            alert.severity in severe or alert.status == "resolved"
        )

    return wanted


def _run(
    settings: Settings,
    receiver: Callable[[Post], Receiver],
    address: str,
    token_file: Path | None,
    wanted: Callable[[Alert], bool],
    remind_every: timedelta,
    group: str,
    alive_file: Path | None,
) -> None:
    set_up_logs(settings)
    token = None if token_file is None else read_secret(token_file)
    with Stop() as stop:
        post = Post(address, token, stop.wait)
        client = consumer(settings, FAMILIES, from_start=True, group=group)
        try:
            forwarder = Forwarder(
                client, receiver(post), wanted, lambda: datetime.now(UTC), remind_every
            )
            forwarder.begin()
            while not stop.asked:
                if alive_file is not None:
                    alive_file.touch()
                forwarder.step()
        finally:
            client.close()
