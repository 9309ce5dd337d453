"""Reading a file of EDI whole: what becomes of every segment, and the events, which nobody has sent yet."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from andon.connect.edi.kinds import ASIDE, READERS
from andon.connect.edi.messages import Around, Complaint, Interchange, messages_of
from andon.connect.edi.reading import declares_comma, read_segments, text_of
from andon.connect.edi.sheet import Answer, Refused, SetAside, Sheet
from andon.connect.edi.terms import Terms
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import Group
from andon.connect.tables.errors import BadRow, FormatError

#: A file is held in memory.
MOST_BYTES: Final = 16 * 1024**2
_SHOWN_EVENTS: Final = 10
_MOST_MESSAGES: Final = 1000
_AHEAD: Final = timedelta(days=1)

Outcome = Literal["accepted", "accepted with errors", "set aside", "refused"]


@dataclass
class Told:
    """A message, and what became of it."""

    kind: str
    reference: str
    version: str
    interchange: Interchange
    outcome: Outcome
    complaints: list[Complaint]
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            "kind": self.kind,
            "reference": self.reference,
            "sender": self.interchange.sender,
            "outcome": self.outcome,
            **({"why": self.why} if self.why else {}),
            "complaints": [_said(one) for one in self.complaints],
        }


@dataclass
class EdiSurvey:
    """What was understood of a file, and the account of its segments: `rows` = `read` + skipped + refused."""

    rows: int = 0
    read: int = 0
    events: int = 0
    skipped: dict[str, Group] = field(default_factory=dict)
    refused: dict[str, Group] = field(default_factory=dict)
    messages: list[Told] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    around: Around = field(default_factory=Around)
    preview: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: The segment and the message of each event, by the number under which it lies in the spool.
    sources: list[tuple[int, int]] = field(default_factory=list)
    #: The segments that were read.
    read_segments: set[int] = field(default_factory=set)

    def unread(self, event: int, reason: str, text: str) -> None:
        """Refuse the segment of an event, after it was read."""
        segment, message = self.sources[event]
        if segment in self.read_segments:
            self.read_segments.discard(segment)
            self.read -= 1
            self.refused.setdefault(reason, Group()).add(segment, text)
        told = self.messages[message]
        told.outcome = "accepted with errors"
        told.complaints.append(Complaint(segment, 0, "", text, reason))

    @property
    def balanced(self) -> bool:
        """Whether every segment is accounted for."""
        left = sum(one.count for one in (*self.skipped.values(), *self.refused.values()))
        return self.rows == self.read + left

    @property
    def failed(self) -> str | None:
        """Why nothing of the file is of use, if so."""
        if (
            self.refused
            and not self.read
            and all(one.outcome == "refused" for one in self.messages)
        ):
            return next((one.why for one in self.messages), "nothing of it is a message")
        return None

    def as_dict(self, file: str, before: int, sent: int | None) -> dict[str, Any]:
        """Return everything for scripts (arguments as of a table's survey)."""
        return {
            "kind": "edi",
            "file": file,
            "messages": [one.as_dict() for one in self.messages],
            "answers": [asdict(one) for one in self.answers],
            "envelope": [_said(one) for one in self.around.complaints],
            "preview": self.preview,
            "notes": self.notes,
            "rows": self.rows,
            "read": self.read,
            "skipped": {name: asdict(group) for name, group in self.skipped.items()},
            "refused": {name: asdict(group) for name, group in self.refused.items()},
            "balanced": self.balanced,
            "events": self.events,
            "imported_before": before,
            "sent": sent,
            "failed": self.failed,
        }


def _said(one: Complaint) -> dict[str, Any]:
    return {"segment": one.number, "tag": one.tag, "text": one.text}


def survey_edi(
    content: bytes, terms_of: Callable[[str], Terms], spool: Spool, now: datetime | None = None
) -> EdiSurvey:
    """Read a file, and fill the spool with its events.

    Args:
        content: of the file.
        terms_of: what says how the messages of a sender are to be understood.
        spool: empty.
        now: nothing was sold or counted more than a day after it; None believes all.

    Raises:
        FormatError: it is no EDI, or a mapping cannot be.
    """
    if len(content) > MOST_BYTES:
        msg = f"it has {len(content):,} bytes; up to {MOST_BYTES:,} are read: have it sent in parts"
        raise FormatError(msg)
    made = EdiSurvey()
    text = text_of(content)
    latest, is_comma = None if now is None else now + _AHEAD, declares_comma(text)
    for message in messages_of(read_segments(text), made.around):
        if len(made.messages) == _MOST_MESSAGES:
            msg = f"it has more than {_MOST_MESSAGES:,} messages: have it sent in parts"
            raise FormatError(msg)
        terms = terms_of(message.interchange.sender)
        _take(made, Sheet(message, terms, latest, is_comma), spool)
    around = made.around
    made.rows += around.segments + len(around.stray)
    _count(made, "skipped", "envelope", around.segments)
    for one in around.stray:
        made.refused.setdefault("stray", Group()).add(
            one.number, "it stands outside of any message"
        )
    made.events = len(spool)
    return made


def _take(made: EdiSurvey, sheet: Sheet, spool: Spool) -> None:
    message = sheet.message
    made.rows += len(message.segments)
    told = Told(message.kind, message.reference, message.version, message.interchange, "accepted", message.complaints)  # fmt: skip
    made.messages.append(told)
    try:
        _read(sheet)
    except SetAside as reason:
        told.outcome, told.why = "set aside", str(reason)
        name = f"{message.kind}: {reason}"
        _count(made, "skipped", name, len(message.segments), message.begin.number)
        return
    except BadRow as error:
        _refuse(made, told, sheet, error)
        return
    if sheet.refused and not sheet.events:
        _refuse(made, told, sheet, BadRow("empty", "nothing of it can be read"))
        return
    for (what, reason_), count in sheet.outcomes().items():
        if what == "read":
            made.read += count
        elif what == "skipped":
            _count(made, "skipped", reason_, count)
    for number, (why, text) in sheet.refused.items():
        made.refused.setdefault(why, Group()).add(number, text)
    made.answers += sheet.answers
    made.read_segments |= sheet.read()
    _keep(made, sheet, spool)
    if message.complaints:
        told.outcome = "accepted with errors"


def _refuse(made: EdiSurvey, told: Told, sheet: Sheet, error: BadRow) -> None:
    """Refuse a message whole; segments that were refused by themselves keep their reason."""
    message = sheet.message
    at = error.segment if isinstance(error, Refused) else message.begin
    if not sheet.refused:
        message.complain(at, str(error), error.reason)
    own = next(iter(sheet.refused.values()), (error.reason, str(error)))
    told.outcome, told.why = "refused", own[1]
    for one in message.segments:
        reason, text = sheet.refused.get(one.number, (error.reason, str(error)))
        made.refused.setdefault(reason, Group()).add(one.number, text)
    if not message.segments:
        made.notes.append(f"{message.kind} {message.reference}: {error}")


def _read(sheet: Sheet) -> None:
    message = sheet.message
    if message.kind in ASIDE:
        raise SetAside(ASIDE[message.kind])
    reader = READERS.get(message.kind)
    if reader is None:
        known = ", ".join(READERS)
        raise BadRow("kind", f"messages of kind {message.kind!r} are not read, but {known}")
    if message.end is None:
        text = "the message has no end: what is missing of it cannot be told"
        raise BadRow("cut off", text)
    reader(sheet)


def _keep(made: EdiSurvey, sheet: Sheet, spool: Spool) -> None:
    number = len(made.messages) - 1
    for segment, event in sheet.events:
        place = len(made.sources)
        made.sources.append((segment.number, number))
        known, first = spool.add(place, event)
        if known == "new":
            if len(made.preview) < _SHOWN_EVENTS:
                fields = msgspec.json.decode(event.value)
                fields.pop("event_id", None)
                made.preview.append(fields)
        elif known == "other":
            text = f"segment {made.sources[first][0]} says something else of the same: which one counts cannot be told"
            made.unread(place, "twice", text)
            if spool.drop(first):
                made.unread(first, "twice", text)
        else:
            sheet.message.complain(segment, "it says once more what was said before", "twice")


def _count(made: EdiSurvey, what: str, reason: str, count: int, line: int = 0) -> None:
    if count:
        group = getattr(made, what).setdefault(reason, Group())
        group.count += count
        if line:
            group.lines.append(line)
