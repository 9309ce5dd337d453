"""Loops of segments, and what is found in them: parties, dates, numbers of articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from andon.connect.edi.segments import Segment
from andon.connect.edi.terms import Code, Terms
from andon.connect.edi.times import edifact_moment, edifact_period, x12_moment
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow

#: What sums up a message begins with one of these.
_SUMMARIES: Final = ("CTT", "UNS", "CNT")
#: Where a line of X12 has its pairs of qualifier and number, by its first segment.
_PAIRS: Final = {"LIN": 2, "PO1": 6, "POC": 8, "SLN": 9, "ACK": 7}


@dataclass
class Loop:
    """A segment that begins a loop, and all that belong to it."""

    begin: Segment
    segments: list[Segment]

    def first(self, tag: str, *qualifiers: str, at: int = 1) -> Segment | None:
        """Return the first segment of a tag whose element `at` is one of the qualifiers, the more important first."""
        for wanted in qualifiers or (None,):
            for one in self.segments:
                if one.tag == tag and (wanted is None or one.get(at) == wanted):
                    return one
        return None

    def all(self, *tags: str) -> list[Segment]:
        """Return the segments of tags."""
        return [one for one in self.segments if one.tag in tags]


@dataclass(frozen=True)
class Party:
    """A code that names somebody or some place, with the segment where it stands."""

    code: str = ""
    kind: str = ""
    segment: Segment | None = None


def split(segments: Sequence[Segment], *begins: str) -> tuple[Loop, list[Loop]]:
    """Return what stands before the first loop and what sums up behind the last, and the loops that begin with these tags."""
    head: list[Segment] = []
    loops: list[Loop] = []
    over = False
    for one in segments:
        if one.tag in begins:
            loops.append(Loop(one, [one]))
            over = False
        elif loops and not over and one.tag not in _SUMMARIES:
            loops[-1].segments.append(one)
        else:
            over = bool(loops)
            head.append(one)
    return Loop(head[0] if head else Segment("", ()), head), loops


def party(loops: Sequence[Loop], qualifiers: Sequence[str]) -> Party:
    """Return the first of these parties or places that has a code: in the innermost loop, the more important first.

    Raises:
        BadRow: several of one kind are named.
    """
    for loop in loops:
        for wanted in qualifiers:
            found = [one for one in parties(loop, (wanted,)) if one.code]
            if len({one.code for one in found}) > 1:
                told = " and ".join(one.code for one in found[:3])
                raise BadRow("ambiguous", f"{wanted}: {told} are named, and not which is meant")
            if found:
                return found[0]
    return Party()


def parties(loop: Loop, qualifiers: Sequence[str]) -> list[Party]:
    """Return the parties and places of a loop."""
    return [
        Party(one.get(4) if one.tag == "N1" else one.get(2), one.get(1), one)
        for one in loop.segments
        if one.tag in ("N1", "NAD", "LOC") and one.get(1) in qualifiers
    ]


def place(loops: Sequence[Loop], terms: Terms, usual: Sequence[str]) -> tuple[str, Segment | None]:
    """Return the location that a message or line is of, and the segment that says so.

    Raises:
        BadRow: nobody says.
    """
    found = party(loops, terms.qualifiers("location", usual))
    return terms.location(found.code, found.kind), found.segment


def articles(loop: Loop) -> list[Code]:
    """Return the numbers of a line's article, each with its qualifier."""
    begin = loop.begin
    line = loop.first("LIN") if begin.tag == "HL" else begin
    if line is None:
        return []
    if len(line.elements) >= 3 and len(line.elements[2]) > 1:
        found = [(line.get(3, 2), line.get(3))]
        for pia in loop.all("PIA"):
            found += [(parts[1], parts[0]) for parts in pia.elements[1:] if len(parts) > 1]
        return found
    if line.tag == "LIN" and loop.first("PIA") is not None:
        return [
            (parts[1], parts[0])
            for pia in loop.all("PIA")
            for parts in pia.elements[1:]
            if len(parts) > 1
        ]
    first = _PAIRS.get(line.tag, 2)
    return [(line.get(at), line.get(at + 1)) for at in range(first, len(line.elements), 2)]


def date_of(loop: Loop, *qualifiers: str) -> tuple[Moment, Segment] | None:
    """Return the first of these dates of a loop, and the segment that says it.

    Raises:
        BadRow: it is none.
    """
    for wanted in qualifiers:
        for one in loop.all("DTM", "G62"):
            if one.get(1) != wanted:
                continue
            if len(one.elements[0]) > 1:
                return edifact_moment(one.get(1, 2), one.get(1, 3), f"DTM+{wanted}"), one
            if one.get(2):
                time = one.get(3) if one.tag == "DTM" else one.get(4)
                return x12_moment(one.get(2), time, f"{one.tag}*{wanted}"), one
    return None


def period_of(loop: Loop, qualifier: str) -> tuple[Moment, Moment, Segment] | None:
    """Return the first and last moment of a date of EDIFACT's that may be a period.

    Raises:
        BadRow: it is none.
    """
    for one in loop.all("DTM"):
        if one.get(1) == qualifier:
            return *edifact_period(one.get(1, 2), one.get(1, 3), f"DTM+{qualifier}"), one
    return None
