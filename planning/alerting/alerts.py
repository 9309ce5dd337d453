"""The life of an alert: opened, updated when it matters, resolved when it has stayed calm.

An alert's id is `kind:key:episode`, so a repeat carries the same id and a consumer can drop it; a change's event id adds
the revision. One alert of a kind is open per key; it names its present cause.
"""

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from andon.schemas.alerts import Alert, AlertOutcome, Severity
from andon.schemas.common import Record, encode, utc
from andon.schemas.items import Stage

#: A change of size below this share is not worth another message.
_MINIMUM_CHANGE: Final = 0.2
#: Nor is a date that moves by less.
_MINIMUM_MOVE: Final = 12 * 3600.0
_RANK: Final = {"info": 0, "warning": 1, "critical": 2}
#: An alert that opens again within this time of its end flaps, and then ends only when it has been calm for as long.
_FLAP_SECONDS: Final = 6 * 3600.0
#: What sells in so many days is worth a critical alert.
_MUCH_DAYS: Final = 0.5
#: The family of what is open now.
BOARD: Final = "board"
#: Which family an alert is published in.
_FAMILY: Final = {"replenish": "replenishment", "kanban_pull": "replenishment"}


class OutboxMessage(msgspec.Struct, array_like=True):
    """One message that waits to be published: where, under which key, and the encoded event."""

    #: The family of topics it goes to.
    family: str
    #: The key of its record.
    key: str
    #: The name by which a consumer knows a repeat.
    event_id: str
    #: Its type in the CloudEvents header.
    type: str
    #: The encoded event; empty for a tombstone.
    body: bytes
    #: When what it says happened, in seconds since 1970.
    at: float
    #: That of the writer that first made it durable, 0 until then: a repeat is the same to the byte, and what another writer says has
    #: another name.
    epoch: int = 0

    @classmethod
    def of(
        cls, family: str, key: str, event_id: str, type: str, event: Record, at: float
    ) -> "OutboxMessage":
        """Return the message of an event, encoded now: what is written with the state is what is published, to the byte."""
        return cls(family, key, event_id, type, encode(event), at)


class OpenAlert(msgspec.Struct, array_like=True):
    """An alert that is open: what was last said of it, and what procurement answered; times in seconds since 1970."""

    #: Its name, the same through all its life.
    alert_id: str
    #: What it is about; one of a kind is open at a time.
    kind: str
    #: How urgent it is.
    severity: str
    #: When it was opened.
    opened_at: float
    #: When something new was last said of it.
    changed_at: float
    #: The quantity or money whose change matters.
    size: float
    #: The date whose change matters; 0 if there is none.
    due: float = 0.0
    #: Why it is open: the name of a disruption, say.
    cause: str = ""
    #: How many times something was said of it.
    revision: int = 1
    #: Whether somebody sees to it: it stays quiet unless it becomes more severe.
    acknowledged: bool = False
    #: Until when it is to be quiet; 0 if nobody asked for it.
    snoozed_until: float = 0.0
    #: When its reason last went away; 0 while it holds.
    calm_since: float = 0.0
    #: Whether one of its kind was open shortly before.
    flaps: bool = False
    #: The item's when it was opened: a message goes where its alert began.
    stage: Stage = "live"
    #: The time of the last answer.
    answered_at: float = 0.0
    #: What was last said of it, encoded as the board has it.
    said: bytes = b""
    #: What was last answered, encoded as the board has it.
    answer: bytes = b""
    #: How it came out, known before its end where what it foretold has come.
    outcome: AlertOutcome | None = None


class HasAlerts(Protocol):
    """What alerts are about: a book, a shipment, a line and so on, one alert of a kind at a time."""

    #: Those that are open, by kind.
    alerts: dict[str, OpenAlert]
    #: How many of each kind were opened so far.
    episodes: dict[str, int]
    #: When the last of each kind ended, of those that may flap, in seconds since 1970.
    ended: dict[str, int]
    #: What waits to be published.
    outbox: list[OutboxMessage]


def alert_id(kind: str, key: str, episode: int) -> str:
    """Return the name of the `episode`-th alert of a kind for a key."""
    return f"{kind}:{key}:{episode}"


def parse_alert_id(text: str) -> tuple[str, str, int]:
    """Return kind, key and episode of an alert id; the key may itself hold colons.

    Raises:
        ValueError: `text` is no alert id.

    >>> parse_alert_id("replenish:store-3/TEA:GREEN:7")
    ('replenish', 'store-3/TEA:GREEN', 7)
    """
    kind, _, rest = text.partition(":")
    key, _, episode = rest.rpartition(":")
    if not (kind and key and episode.isdigit()):
        msg = f"alert_id: expected kind:key:episode, got {text!r}"
        raise ValueError(msg)
    return kind, key, int(episode)


def raise_alert(
    subject: HasAlerts,
    *,
    kind: str,
    key: str,
    now: float,
    severity: Severity,
    size: float,
    due: float = 0.0,
    cause: str = "",
    stage: Stage = "live",
    unit: float = 1.0,
    anew: bool = False,
    describe: Callable[[OpenAlert, str], Alert],
) -> OpenAlert:
    """Open an alert of a subject, or update the one of its kind that is open if enough has changed.

    `describe(alert, status)` builds the message; it is only called when there is something to say. An acknowledged or
    snoozed alert speaks up again only when it becomes more severe, and a snoozed one when its snooze ends, changed or not;
    one that only becomes less severe waits until that has lasted, so that an alert on the border between two does not go
    back and forth. `unit` is the size that is one: a change of less than a share of it is none. `anew` is that something else of it
    has changed that matters.
    """
    alert = subject.alerts.get(kind)
    if alert is None:
        episode = subject.episodes.get(kind, 0) + 1
        subject.episodes[kind] = episode
        alert = OpenAlert(alert_id(kind, key, episode), kind, severity, now, now, size, due, cause)
        alert.stage = stage
        ended = subject.ended.get(kind)
        alert.flaps = ended is not None and now - ended < _FLAP_SECONDS
        subject.alerts[kind] = alert
        _say(alert, subject.outbox, describe(alert, "opened"), key, now)
        return alert
    alert.calm_since = 0.0
    worse = _RANK[severity] > _RANK[alert.severity]
    milder = _RANK[severity] < _RANK[alert.severity] and now - alert.changed_at > _MINIMUM_MOVE
    awakes = 0 < alert.snoozed_until <= now
    if awakes:
        alert.snoozed_until = 0.0
    if (
        worse
        or awakes
        or (
            not _is_quiet(alert, now)
            and (milder or anew or _has_changed(alert, size, due, cause, unit))
        )
    ):
        alert.severity, alert.size, alert.due, alert.cause = severity, size, due, cause
        alert.changed_at = now
        alert.revision += 1
        message = describe(alert, "updated")
        if awakes and message.sentence:
            sentence = f"The snooze is over, and it still holds: {message.sentence}"
            message = msgspec.structs.replace(message, sentence=sentence)
        _say(alert, subject.outbox, message, key, now)
    elif not alert.said:
        # It was opened before the board was there: what it says now is put there, and not published once more.
        alert.said = encode(describe(alert, "updated"))
        subject.outbox.append(
            board_message(alert.alert_id, f"{alert.alert_id}:{alert.revision}", now)
        )
    return alert


def answer(
    alerts: dict[str, OpenAlert], alert_id: str, at: float, snooze_until: float | None
) -> bool:
    """Mark an alert as acknowledged, or as snoozed until a time; return whether it is open.

    Of several answers the latest by its own time counts, whichever comes first.

    Args:
        alerts: those that are open.
        alert_id: which one is meant.
        at: when it was answered, seconds since 1970.
        snooze_until: when it is to speak again; None to be quiet for good.
    """
    alert = next((one for one in alerts.values() if one.alert_id == alert_id), None)
    if alert is None:
        return False
    if at >= alert.answered_at:
        alert.answered_at = at
        alert.acknowledged = snooze_until is None
        alert.snoozed_until = snooze_until or 0.0
    return True


def wakes_at(alerts: dict[str, OpenAlert], now: float) -> float | None:
    """Return when the first snooze ends after `now` (seconds since 1970); None if there is none."""
    return min(
        (one.snoozed_until for one in alerts.values() if one.snoozed_until > now), default=None
    )


def settle_alert(
    subject: HasAlerts,
    kind: str,
    key: str,
    now: float,
    *,
    calm_seconds: float = 0.0,
    for_good: bool = False,
    flaps: bool = False,
    describe: Callable[[OpenAlert, str], Alert],
) -> bool:
    """Resolve an alert of a subject whose reason has been gone for `calm_seconds`; return whether it was resolved.

    The end of one that `flaps` by nature is remembered: opened again soon after, it must be calm for longer. One whose reason is
    gone `for_good` ends at once.
    """
    alert = subject.alerts.get(kind)
    if alert is None:
        return False
    wait = max(calm_seconds, _FLAP_SECONDS) if alert.flaps else calm_seconds
    if wait > 0 and not for_good:
        if not alert.calm_since:
            alert.calm_since = now
        if now - alert.calm_since < wait:
            return False
    del subject.alerts[kind]
    if flaps:
        subject.ended[kind] = int(now)
    alert.revision += 1
    alert.changed_at = now
    subject.outbox.append(_message(describe(alert, "resolved"), key, now))
    return True


def head_of(alert: OpenAlert, status: str) -> dict[str, object]:
    """Return the fields that every message of an alert has."""
    return {
        "alert_id": alert.alert_id,
        "event_id": f"{alert.alert_id}:{alert.revision}",
        "kind": alert.kind,
        "status": status,
        "severity": alert.severity,
        "revision": alert.revision,
        "opened_at": utc(alert.opened_at),
        "changed_at": utc(alert.changed_at),
        "cause": alert.cause or None,
        "stage": alert.stage,
    }


def severity_of(
    days_at_risk: float, hours_left: float | None, *, critical: bool = False
) -> Severity:
    """Return how urgent an alert is, from what is at stake, in days of the item's own sales, and the hours left to act.

    Within two days, or for an item of the critical class, it is critical if there is more at stake than what sells in half
    a day; within a week it is a warning. No sum of money stands in it: ten are much in one currency and nothing in another,
    and goods whose price nobody knows, or that are given away, are wanted all the same.

    >>> severity_of(2.0, 30.0), severity_of(0.1, 30.0), severity_of(2.0, 200.0)
    ('critical', 'warning', 'info')
    """
    if hours_left is not None and (hours_left <= 48 or critical) and days_at_risk >= _MUCH_DAYS:
        return "critical"
    if hours_left is not None and hours_left <= 168:
        return "warning"
    return "info"


def _is_quiet(alert: OpenAlert, now: float) -> bool:
    return alert.acknowledged or now < alert.snoozed_until


def _has_changed(alert: OpenAlert, size: float, due: float, cause: str, unit: float) -> bool:
    return (
        cause not in ("", alert.cause)
        or abs(size - alert.size) > _MINIMUM_CHANGE * max(abs(alert.size), unit)
        or abs(due - alert.due) > _MINIMUM_MOVE
    )


def board_message(alert_id: str, name: str, at: float, body: bytes = b"") -> OutboxMessage:
    """Return the message that puts an alert on the board as it is when the message is written, if `body` does not say it.

    Args:
        alert_id: the alert's.
        name: the id of what it is put there because of.
        at: when that was, seconds since 1970.
        body: the encoded entry.
    """
    return OutboxMessage(BOARD, alert_id, f"board:{name}", "andon.board.changed", body, at)


def _say(alert: OpenAlert, outbox: list[OutboxMessage], told: Alert, key: str, at: float) -> None:
    message = _message(told, key, at)
    alert.said = message.body
    outbox.append(message)


def _message(alert: Alert, key: str, at: float) -> OutboxMessage:
    family = _FAMILY.get(alert.kind, "disruptions")
    if alert.stage == "shadow":
        family += ".shadow"
    return OutboxMessage.of(
        family, key, alert.event_id, f"andon.{family}.{alert.status}", alert, at
    )
