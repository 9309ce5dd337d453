"""Envelopes around messages that are sent: ISA, GS and ST of X12, UNB and UNH of EDIFACT, with counts that are right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from andon.connect.edi.segments import EDIFACT, X12, Segment, segment, write_segments

#: What the first element of a group of each kind of message is.
_GROUPS: Final = {"850": "PO", "860": "PC", "997": "FA"}
_MOST_CONTROL: Final = 10**9


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver: its identity, the qualifier of that, and what it is called in X12's groups, if otherwise."""

    id: str
    qualifier: str = "ZZ"
    group_id: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around messages: who sends them to whom, under which number, when (in the sender's time zone), and in which version."""

    sender: Party
    receiver: Party
    control: int
    at: datetime
    version: str
    is_test: bool = False


def x12_interchange(kind: str, messages: Sequence[Sequence[Segment]], envelope: Envelope) -> str:
    """Return an interchange of X12 messages of one kind (such as 850), which are given without ST and SE.

    Raises:
        ValueError: an element holds what X12 cannot write, or an identity or number does not fit; the text says which.
    """
    _check(envelope, longest=15)
    sender, receiver, at = envelope.sender, envelope.receiver, envelope.at
    control, version = f"{envelope.control:09d}", envelope.version
    segments = [
        segment(
            *("ISA", "00", " " * 10, "00", " " * 10),
            *(sender.qualifier.ljust(2), sender.id.ljust(15)),
            *(receiver.qualifier.ljust(2), receiver.id.ljust(15)),
            *(f"{at:%y%m%d}", f"{at:%H%M}", "U" if version < "00402" else "^", version[:5]),
            *(control, "0", "T" if envelope.is_test else "P", X12.component),
        ),
        segment(
            *("GS", _GROUPS[kind], sender.group_id or sender.id, receiver.group_id or receiver.id),
            *(f"{at:%Y%m%d}", f"{at:%H%M}", str(envelope.control), "X", version),
        ),
    ]
    for number, body in enumerate(messages, 1):
        reference = f"{number:04d}"
        segments += [segment("ST", kind, reference), *body]
        segments.append(segment("SE", str(len(body) + 2), reference))
    segments.append(segment("GE", str(len(messages)), str(envelope.control)))
    segments.append(segment("IEA", "1", control))
    return write_segments(segments, X12)


def edifact_interchange(
    kind: str, messages: Sequence[Sequence[Segment]], envelope: Envelope
) -> str:
    """Return an interchange of EDIFACT messages of one kind (such as ORDERS), which are given without UNH and UNT.

    `envelope.version` is as in a UNH, such as `D:96A:UN` or `D:01B:UN:EAN010`.

    Raises:
        ValueError: an element holds what cannot be sent, or an identity or number does not fit; the text says which.
    """
    _check(envelope, longest=35)
    control, at = str(envelope.control), envelope.at
    # ASCII is written alike in every character set; what is not is UTF-8, which only the fourth version of the syntax knows.
    is_plain = all(
        part.isascii()
        for body in messages
        for one in body
        for parts in one.elements
        for part in parts
    )
    head = segment(
        "UNB",
        ("UNOC", "3") if is_plain else ("UNOY", "4"),
        *((one.id, one.qualifier) for one in (envelope.sender, envelope.receiver)),
        (f"{at:%y%m%d}", f"{at:%H%M}"),
        control,
        *(("", "", "", "", "", "1") if envelope.is_test else ()),
    )
    segments = [head]
    for number, body in enumerate(messages, 1):
        named = segment("UNH", str(number), (kind, *envelope.version.split(":")))
        segments += [named, *body, segment("UNT", str(len(body) + 2), str(number))]
    segments.append(segment("UNZ", str(len(messages)), control))
    return "UNA:+.? '\n" + write_segments(segments, EDIFACT)


def _check(envelope: Envelope, longest: int) -> None:
    if not 0 < envelope.control < _MOST_CONTROL:
        msg = f"control: expected a number of up to nine digits, got {envelope.control}"
        raise ValueError(msg)
    for name, party in (("sender", envelope.sender), ("receiver", envelope.receiver)):
        if not 0 < len(party.id) <= longest:
            msg = f"{name}: expected an identity of 1 to {longest} signs, got {party.id!r}"
            raise ValueError(msg)
