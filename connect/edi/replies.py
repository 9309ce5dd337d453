"""What is written back to partners: 997 for X12, CONTRL for EDIFACT, with what became of each of their messages."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from andon.connect.edi.envelopes import Envelope, Party, edifact_interchange, x12_interchange
from andon.connect.edi.kinds import ACKNOWLEDGE
from andon.connect.edi.messages import Complaint, Interchange
from andon.connect.edi.segments import Segment, segment
from andon.connect.edi.survey import Told
from andon.connect.edi.terms import OURS

_VERSION: Final = "004010"
_MOST_CONTROL: Final = 10**9 - 1
#: A segment has errors in its elements (720); a message has segments in error (718); it cannot be processed (0085).
_HAS_ERRORS: Final = "8"
_SEGMENTS_IN_ERROR: Final = "5"
_NOT_PROCESSED: Final = "18"


def replies(
    content: bytes, messages: Sequence[Told], at: datetime
) -> Iterator[tuple[str, int, str]]:
    """Yield what to send back for a file, each with its kind and number.

    Their numbers come of the file, so that one that is taken again gets the same answer.

    Args:
        content: of the file.
        messages: what became of its messages.
        at: the time, in one's own time zone.

    Raises:
        ValueError: the file says something of its parties that cannot be written; the text says what.
    """
    answered = [
        one for one in messages if one.kind not in ACKNOWLEDGE and _is_known(one.interchange)
    ]
    for number, (_, some) in enumerate(groupby(answered, _interchange)):
        told = list(some)
        first = told[0].interchange
        digest = hashlib.blake2b(content + bytes([number % 256]), digest_size=8).digest()
        control = int.from_bytes(digest) % _MOST_CONTROL + 1
        us = Party(first.receiver, first.receiver_qualifier, first.group_receiver)
        them = Party(first.sender, first.sender_qualifier, first.group_sender)
        if first.standard == "x12":
            version = first.version[:6] if first.version[:6].isdigit() else _VERSION
            envelope = Envelope(us, them, control, at, version, first.is_test)
            yield "997", control, x12_interchange("997", [*_of_groups(told)], envelope)
        else:
            envelope = Envelope(us, them, control, at, "D:3:UN", first.is_test)
            yield (
                "CONTRL",
                control,
                edifact_interchange("CONTRL", [_of_interchange(told)], envelope),
            )


def _interchange(one: Told) -> tuple[str, ...]:
    it = one.interchange
    return it.standard, it.sender, it.receiver, it.control


def _is_known(interchange: Interchange) -> bool:
    return bool(interchange.sender and interchange.receiver and interchange.control)


def _of_groups(told: Sequence[Told]) -> Iterator[list[Segment]]:
    for group, some in groupby(told, lambda one: one.interchange.group):
        messages = list(some)
        body = [segment("AK1", messages[0].interchange.holds, group)]
        codes = []
        for one in messages:
            theirs = _theirs(one)
            code = _code(one)
            codes.append(code)
            body.append(segment("AK2", one.kind, one.reference))
            body += [_of_complaint(said) for said in theirs if said.position and said.tag]
            body.append(segment("AK5", code, *((_SEGMENTS_IN_ERROR,) if code != "A" else ())))
        taken = sum(code != "R" for code in codes)
        whole = "R" if not taken else "P" if taken < len(codes) else "E" if "E" in codes else "A"
        counts = (str(len(codes)), str(len(codes)), str(taken))
        yield [*body, segment("AK9", whole, *counts)]


def _theirs(one: Told) -> list[Complaint]:
    """Return what is wrong with a message itself; what our mapping does not say is no fault of the sender's."""
    return [said for said in one.complaints if said.reason not in OURS]


def _code(one: Told) -> str:
    if not _theirs(one) or one.outcome == "set aside":
        return "A"
    return "R" if one.outcome == "refused" else "E"


def _of_complaint(said: Complaint) -> Segment:
    return segment("AK3", said.tag, str(said.position), "", _HAS_ERRORS)


def _of_interchange(told: Sequence[Told]) -> list[Segment]:
    first = told[0].interchange
    is_refused = all(_code(one) == "R" for one in told)
    body = [
        segment(
            "UCI",
            first.control,
            (first.sender, first.sender_qualifier),
            (first.receiver, first.receiver_qualifier),
            "4" if is_refused else "7",
            *((_NOT_PROCESSED,) if is_refused else ()),
        )
    ]
    for one in told:
        name = (one.kind, *one.version.split(":"))
        refused = _code(one) == "R"
        body.append(segment("UCM", one.reference, name, "4" if refused else "7", *((_NOT_PROCESSED,) if refused else ())))  # fmt: skip
    return body
