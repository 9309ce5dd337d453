"""Messages and what stands around them: who sent them, under which numbers, and what of that does not add up.

What does no harm is complained of and read: counts and numbers that are wrong, a missing envelope. A message that does not end, or
begins inside another, may have lost something, and is refused whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from andon.connect.edi.segments import Segment
from andon.connect.edi.times import stated_at

#: So many complaints of one message are kept.
_MOST: Final = 20
_ENVELOPE: Final = frozenset(
    ("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ")
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a segment: which one of the file, which one of its message (0 if none), its tag, and what."""

    number: int
    position: int
    tag: str
    text: str
    #: One of a few words that can be counted; of what is wrong with counts and numbers of an envelope, "envelope".
    reason: str = "envelope"


@dataclass(frozen=True, slots=True)
class Interchange:
    """Who sent a file to whom, under which number and when (without a time zone); empty where there is no envelope."""

    standard: Literal["x12", "edifact"]
    sender: str = ""
    receiver: str = ""
    sender_qualifier: str = ""
    receiver_qualifier: str = ""
    control: str = ""
    at: datetime | None = None
    is_test: bool = False
    #: Of X12's group: what it holds, its number, its version, and what it calls the parties.
    holds: str = ""
    group: str = ""
    version: str = ""
    group_sender: str = ""
    group_receiver: str = ""


@dataclass
class Message:
    """A message: its kind (850, ORDERS), its number, its segments without the first and last, and what is complained of."""

    kind: str
    reference: str
    interchange: Interchange
    begin: Segment
    version: str = ""
    segments: list[Segment] = field(default_factory=list)
    end: Segment | None = None
    complaints: list[Complaint] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many segments it has, first and last included."""
        return len(self.segments) + 1 + (self.end is not None)

    def complain(self, segment: Segment, text: str, reason: str = "envelope") -> None:
        """Note what is wrong with a segment."""
        if len(self.complaints) < _MOST:
            position = segment.number - self.begin.number + 1
            found = Complaint(segment.number, position, segment.tag, text, reason)
            self.complaints.append(found)


@dataclass
class Around:
    """The segments around messages, and what is wrong with them."""

    segments: int = 0
    stray: list[Segment] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, segment: Segment, text: str) -> None:
        """Note what is wrong with a segment."""
        if len(self.complaints) < _MOST:
            self.complaints.append(Complaint(segment.number, 0, segment.tag, text))


def messages_of(segments: Iterable[Segment], around: Around) -> Iterator[Message]:
    """Yield the messages of a file; what stands around them is noted in `around`."""
    reader = _Reader(around)
    for one in segments:
        done = reader.message
        if one.tag not in _ENVELOPE:
            reader.inner(one)
            continue
        around.segments += 1
        reader.envelope(one)
        if done is not None and done is not reader.message:
            yield done
    if reader.message is not None:
        yield reader.message


class _Reader:
    """Where in its envelopes a file is read."""

    def __init__(self, around: Around) -> None:
        self.around = around
        self.message: Message | None = None
        self.interchange: Interchange | None = None
        self.groups = self.inside = 0

    def inner(self, one: Segment) -> None:
        """Take a segment of a message."""
        if self.message is not None:
            self.message.segments.append(one)
        else:
            self.around.stray.append(one)
            self.around.complain(one, "it stands outside of any message")

    def envelope(self, one: Segment) -> None:
        """Take a segment of an envelope."""
        tag, before, self.message = one.tag, self.message, None
        known = self.interchange
        if tag in ("ISA", "UNB"):
            self.interchange = _begun(one)
            self.groups = self.inside = 0
        elif tag in ("GS", "UNG"):
            self.groups, self.inside = self.groups + 1, 0
            self.interchange = _grouped(known, one)
        elif tag in ("ST", "UNH"):
            self.inside += 1
            self.message = _message(known, one)
        elif tag in ("SE", "UNT"):
            if before is None:
                self.around.complain(one, "it ends a message that never began")
            else:
                before.end = one
                _check_end(before, one)
        elif tag in ("GE", "UNE"):
            control = known.group if known is not None else ""
            _check_count(self.around, one, self.inside, "messages", control)
        elif tag in ("IEA", "UNZ"):
            control = known.control if known is not None else ""
            what = "groups" if self.groups else "messages"
            _check_count(self.around, one, self.groups or self.inside, what, control)


def _begun(one: Segment) -> Interchange:
    if one.tag == "ISA":
        return Interchange(
            standard="x12",
            sender_qualifier=one.get(5),
            sender=one.get(6),
            receiver_qualifier=one.get(7),
            receiver=one.get(8),
            at=stated_at(one.get(9), one.get(10)),
            control=one.get(13),
            is_test=one.get(15) == "T",
        )
    return Interchange(
        standard="edifact",
        sender=one.get(2),
        sender_qualifier=one.get(2, 2),
        receiver=one.get(3),
        receiver_qualifier=one.get(3, 2),
        at=stated_at(one.get(4), one.get(4, 2)),
        control=one.get(5),
        is_test=one.get(11) == "1",
    )


def _grouped(interchange: Interchange | None, one: Segment) -> Interchange:
    found = interchange or Interchange(standard="x12" if one.tag == "GS" else "edifact")
    if one.tag == "UNG":
        return replace(found, group=one.get(5), holds=one.get(1))
    return replace(
        found,
        holds=one.get(1),
        group_sender=one.get(2),
        group_receiver=one.get(3),
        # An interchange's sender may be a network that sends for many; a group's is the partner.
        sender=found.sender or one.get(2),
        receiver=found.receiver or one.get(3),
        at=stated_at(one.get(4), one.get(5)) or found.at,
        group=one.get(6),
        version=one.get(8),
    )


def _message(interchange: Interchange | None, one: Segment) -> Message:
    if one.tag == "ST":
        found = interchange or Interchange(standard="x12")
        return Message(one.get(1), one.get(2), found, one, version=found.version)
    found = interchange or Interchange(standard="edifact")
    version = ":".join(filter(None, one.elements[1][1:])) if len(one.elements) > 1 else ""
    return Message(one.get(2), one.get(1), found, one, version=version)


def _check_end(message: Message, end: Segment) -> None:
    is_x12 = end.tag == "SE"
    count, reference = end.get(1), end.get(2)
    if _number(count) != message.count:
        message.complain(end, f"it counts {count or 'no'} segments; there are {message.count}")
    if not _same(reference, message.reference):
        begin = "ST" if is_x12 else "UNH"
        message.complain(end, f"its number {reference!r} is not {begin}'s {message.reference!r}")


def _check_count(around: Around, end: Segment, counted: int, what: str, control: str) -> None:
    if _number(end.get(1)) != counted:
        around.complain(end, f"it counts {end.get(1) or 'no'} {what}; there are {counted}")
    if control and not _same(end.get(2), control):
        around.complain(end, f"its number {end.get(2)!r} is not {control!r}")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _same(one: str, other: str) -> bool:
    return one == other or (_number(one) is not None and _number(one) == _number(other))
