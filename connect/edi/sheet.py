"""What becomes of the segments of a message: each is read, set aside or refused, with the events that come of those that are read."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from andon.connect.edi.messages import Message
from andon.connect.edi.segments import Segment
from andon.connect.edi.terms import Terms
from andon.connect.imports.events import Made
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow

_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


class Refused(BadRow):
    """A message that cannot be, whole; `segment` is where that shows."""

    def __init__(self, segment: Segment, reason: str, text: str) -> None:
        super().__init__(reason, text)
        self.segment = segment


class SetAside(Exception):
    """A message that is right, but nothing to send; the text is why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner says of a message that was sent to it: its kind and number, and whether it took it."""

    kind: str
    reference: str
    taken: bool
    text: str


@dataclass
class Sheet:
    """A message while it is read."""

    message: Message
    terms: Terms
    #: What is reported and later than this is refused; None believes all.
    latest: datetime | None = None
    #: Whether the file declares that a comma is its decimal mark.
    is_comma_decimal: bool = False
    events: list[tuple[Segment, Made]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _used: set[int] = field(default_factory=set)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)
    aside: dict[int, str] = field(default_factory=dict)

    def at(self, moment: Moment, *, end_of_day: bool = False) -> datetime:
        """Return the instant of what is reported: a day without a time is meant at its noon or end, but not after the report.

        Raises:
            BadRow: it has not come yet.
        """
        at = self._at(moment, end_of_day=end_of_day)
        if self.latest is not None and at > self.latest:
            raise BadRow(
                "date",
                f"{at:%Y-%m-%d} has not come yet: nothing can have been sold or counted then",
            )
        return at

    def amount(self, text: str, name: str) -> str:
        """Return a number of EDIFACT's, whose decimal mark may be a comma, with a point.

        Raises:
            BadRow: it could be thousands as well.
        """
        if (
            not self.is_comma_decimal
            and _THOUSANDS.fullmatch(text)
            and not self.terms.is_comma_decimal
        ):
            raise BadRow(
                "number",
                f"{name}: {text!r} may have thousands or three decimals: if a comma is the decimal mark, say [table] decimal = ','",
            )
        return text.replace(",", ".")

    def _at(self, moment: Moment, *, end_of_day: bool) -> datetime:
        at, envelope = self.terms.at(moment, end_of_day=end_of_day), self.message.interchange.at
        if moment.has_time or envelope is None or envelope.date() != moment.at.date():
            return at
        written = self.terms.at(Moment(envelope, has_time=True))
        # What was sold is before what was counted then.
        return min(at, written if end_of_day else written - timedelta(seconds=1))

    def use(self, *segments: Segment | None) -> None:
        """Note that something of these is part of an event."""
        self._used.update(one.number for one in segments if one is not None)

    def refuse(self, loop: Iterable[Segment], at: Segment, error: BadRow) -> None:
        """Refuse the segments of a loop; `at` is where it shows."""
        for one in loop:
            self.refused[one.number] = error.reason, str(error)
        self.message.complain(at, str(error), error.reason)

    def set_aside(self, segments: Iterable[Segment], reason: str) -> None:
        """Note why these are no part of an event."""
        for one in segments:
            self.aside.setdefault(one.number, reason)

    def add(self, at: Segment, event: Made) -> None:
        """Keep an event that a segment tells of."""
        self.events.append((at, event))

    def read(self) -> set[int]:
        """Return the numbers of the segments that were read."""
        return (
            self._used.intersection(one.number for one in self.message.segments)
            - self.refused.keys()
        )

    def outcomes(self) -> Counter[tuple[str, str]]:
        """Return how many segments were read, set aside (`skipped`) and refused, by reason."""
        found: Counter[tuple[str, str]] = Counter()
        for one in self.message.segments:
            if one.number in self.refused:
                found["refused", self.refused[one.number][0]] += 1
            elif one.number in self._used:
                found["read", ""] += 1
            else:
                found["skipped", self.aside.get(one.number, f"not used: {one.tag}")] += 1
        return found
