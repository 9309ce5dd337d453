"""A digest for a buyer: what is open and needs a hand, the most money first, as a mail in plain text and simple HTML."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Final, NamedTuple
from urllib.parse import urlencode

from andon.planning.alerting.sentences import is_money, money
from andon.schemas.alerts import Alert
from andon.schemas.board import BoardEntry
from andon.streams.board_feed import stands

_SEVERITIES: Final = ("critical", "warning", "info")


class Wanted(NamedTuple):
    """Which alerts a buyer is told of; an empty set asks for all."""

    locations: frozenset[str] = frozenset()
    suppliers: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()

    def has(self, alert: Alert) -> bool:
        """Return whether the buyer is told of it: all that is asked for must fit."""
        asked = (
            (self.locations, alert.location),
            (self.suppliers, alert.supplier),
            (self.kinds, alert.kind),
            (self.severities, alert.severity),
        )
        return alert.stage != "shadow" and all(not some or it in some for some, it in asked)


class Digest(NamedTuple):
    """What a buyer is told at once."""

    #: What is open, the most money at stake first.
    alerts: tuple[Alert, ...]
    #: When the buyer was told last, if ever.
    since: datetime | None
    zone: tzinfo
    #: The address of the console, without a slash at its end; empty for none.
    console: str = ""
    #: So many alerts are listed.
    most: int = 100


def waiting(entries: Iterable[BoardEntry], wanted: Wanted, now: datetime) -> tuple[Alert, ...]:
    """Return what nobody has answered, or has said more since, the most money at stake first."""
    found = [one.alert for one in entries if wanted.has(one.alert) and not stands(one, now)]
    return tuple(sorted(found, key=_rank))


def _rank(alert: Alert) -> tuple[float, int, datetime, str]:
    severity = _SEVERITIES.index(alert.severity)
    return -(alert.value_at_risk or 0.0), severity, alert.opened_at, alert.alert_id


def mail_of(
    digest: Digest, sender: str, to: Sequence[str], name: str, now: datetime
) -> EmailMessage:
    """Return a digest as a mail; one that tells the same, and is sent twice, has the same id.

    Nothing that an event says stands in its head.

    Args:
        digest: what is told.
        sender: who writes.
        to: who is told.
        name: tells this mail from those before it and from those of others.
        now: when it is written.

    Raises:
        ValueError: an address has what no head of a mail may hold.
    """
    said = "\n".join([name, *to, *(one.event_id for one in digest.alerts)])
    message = EmailMessage()
    message["Subject"] = subject(digest)
    message["From"], message["To"] = sender, ", ".join(to)
    message["Message-ID"] = f"<{hashlib.sha256(said.encode()).hexdigest()[:32]}@andon>"
    message["Date"] = format_datetime(now)
    # Nobody's absence is to answer it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(digest))
    message.add_alternative(as_html(digest), subtype="html")
    return message


def subject(digest: Digest) -> str:
    """Return what a digest is about."""
    if not digest.alerts:
        return "Andon: nothing is open any more"
    critical = sum(one.severity == "critical" for one in digest.alerts)
    more = f", {critical} critical" if critical else ""
    return f"Andon: {len(digest.alerts)} open{more}"


def summary(digest: Digest) -> str:
    """Return in a sentence or two how many are open, how many are new, and the money at stake in each currency."""
    if not digest.alerts:
        return "Nothing is open any more."
    told = f"{len(digest.alerts)} open"
    if digest.since is not None:
        new = sum(_is_new(one, digest) for one in digest.alerts)
        told += (
            f", {new} of them new since {digest.since.astimezone(digest.zone):%a %d %b %H:%M %Z}"
        )
    sums: dict[str, float] = defaultdict(float)
    for one in digest.alerts:
        sums[one.currency or ""] += one.value_at_risk or 0.0
    amounts = [
        money(amount, currency).rstrip()
        for currency, amount in sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        if is_money(amount, currency)
    ]
    return f"{told}. At stake: {', '.join(amounts)}." if amounts else f"{told}."


def as_text(digest: Digest) -> str:
    """Return a digest as plain text: an alert cannot begin a line of its own making."""
    lines = [summary(digest), ""]
    for number, one in enumerate(digest.alerts[: digest.most], 1):
        lines.append(f"{number}. {', '.join(_marks(one, digest))}")
        lines.append(f"   {_in_one_line(one.sentence)}")
        if digest.console:
            lines.append(f"   {_link(one, digest)}")
        lines.append("")
    lines += [f"{text}\n" for text in (_left_out(digest), digest.console) if text]
    return "\n".join(lines).rstrip() + "\n"


def as_html(digest: Digest) -> str:
    """Return a digest as HTML that any mail reader shows: a table, nothing loaded, all that is said escaped."""
    rows = []
    for one in digest.alerts[: digest.most]:
        sentence = escape(_in_one_line(one.sentence))
        if digest.console:
            sentence = f'<a href="{escape(_link(one, digest))}">{sentence}</a>'
        marks = escape(", ".join(_marks(one, digest)))
        rows.append(f'<tr><td valign="top">{marks}</td><td>{sentence}</td></tr>')
    table = f'<table cellpadding="4">{"".join(rows)}</table>' if rows else ""
    left_out = f"<p>{escape(_left_out(digest))}</p>" if _left_out(digest) else ""
    link = escape(digest.console)
    console = f'<p><a href="{link}">{link}</a></p>' if link else ""
    return f"<html><body><p>{escape(summary(digest))}</p>{table}{left_out}{console}</body></html>\n"


def _marks(alert: Alert, digest: Digest) -> list[str]:
    amount, currency = alert.value_at_risk or 0.0, alert.currency or ""
    return [
        alert.severity,
        *([money(amount, currency).rstrip()] if is_money(amount, currency) else []),
        *(["new"] if _is_new(alert, digest) else []),
    ]


def _is_new(alert: Alert, digest: Digest) -> bool:
    return digest.since is not None and alert.opened_at > digest.since


def _left_out(digest: Digest) -> str:
    more = len(digest.alerts) - digest.most
    return f"And {more} more, with less money at stake." if more > 0 else ""


def _link(alert: Alert, digest: Digest) -> str:
    return f"{digest.console}/?{urlencode({'search': alert.alert_id, 'answered': 'all'})}"


def _in_one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
