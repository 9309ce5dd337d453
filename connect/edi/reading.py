"""Cutting a file into segments, whatever its signs are, and however they are laid out.

The signs are those that the file declares: in its ISA, however it is padded, in its UNA, or by how its first segment is written where
there is no envelope. Blanks and line breaks between segments do no harm.
"""

import re
from collections.abc import Iterator
from typing import Final

from andon.connect.edi.segments import EDIFACT, Segment, Syntax
from andon.connect.tables.errors import FormatError

_BLANK: Final = re.compile(r"[\s\ufeff\x00]*")
#: An ISA has so many elements, of which the last is what separates components.
_ISA_ELEMENTS: Final = 16
_LONGEST_ISA: Final = 400
#: No segment of a business message is longer.
_LONGEST: Final = 65_536
_AFTER_ISA: Final = ("GS", "ST", "TA1", "IEA")
_BARE: Final = re.compile(r"(?:GS|ST)([^\w\s])")
_BARE_ST: Final = re.compile(
    r"ST(?P<e>[^\w\s])\d{3}(?P=e)[ \w-]+(?:(?P=e)[ \w-]*)?(?P<s>[^\w ]|\r?\n)"
)
_BARE_GS: Final = re.compile(
    r"GS(?P<e>[^\w\s])(?:[^\n]*?)(?P<s>[^\w ]|\r?\n)\s*ST(?P=e)\d{3}(?P=e)"
)
#: The character sets that a UNB names.
_SETS: Final = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso-8859-1",
    "UNOD": "iso-8859-2",
    "UNOE": "iso-8859-5",
    "UNOF": "iso-8859-7",
    "UNOG": "iso-8859-3",
    "UNOH": "iso-8859-4",
    "UNOI": "iso-8859-6",
    "UNOJ": "iso-8859-8",
    "UNOK": "iso-8859-9",
}
_UNB: Final = re.compile(rb"UNB.(UNO[A-K])")


def text_of(content: bytes) -> str:
    """Return the text of a file: UTF-8, or what its UNB says; bytes that are neither stay, and are no letters of an identity."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        said = _UNB.search(content[:512])
        name = _SETS[said[1].decode()] if said else "ascii"
        return content.decode(name, "surrogateescape")


def read_segments(text: str) -> Iterator[Segment]:
    """Yield the segments of a file.

    Raises:
        FormatError: it is neither X12 nor EDIFACT, or its signs cannot be told.
    """
    place = _skip(text, 0)
    head = text[place : place + 3]
    if head in ("UNA", "UNB", "UNH", "UNG"):
        return _edifact(text, place)
    if head == "ISA" or _BARE.match(text, place):
        return _x12(text, place)
    msg = f"it begins with {text[place : place + 12]!r}: X12 begins with ISA (or ST), EDIFACT with UNA, UNB (or UNH)"
    raise FormatError(msg)


def declares_comma(text: str) -> bool:
    """Return whether a file declares, in its UNA, that a comma is its decimal mark."""
    place = _skip(text, 0)
    return text.startswith("UNA", place) and text[place + 5 : place + 6] == ","


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _x12(text: str, place: int) -> Iterator[Segment]:
    syntax: Syntax | None = None
    number = 0
    while place < len(text):
        if text.startswith("ISA", place):
            syntax = _of_isa(text, place)
        elif syntax is None:
            syntax = _of_bare(text, place)
        end = text.find(syntax.segment, place)
        end = len(text) if end < 0 else end
        _check_length(text, place, end, number + 1)
        raw = text[place:end].replace("\r", "").replace("\n", "").strip()
        place = _skip(text, end + 1)
        if raw:
            number += 1
            tag, *elements = raw.split(syntax.element)
            yield Segment(tag.strip(), tuple((one.strip(),) for one in elements), number)


def _of_isa(text: str, place: int) -> Syntax:
    sign, end = text[place + 3 : place + 4], place
    for _ in range(_ISA_ELEMENTS):
        end = text.find(sign, end + 1) if sign else -1
        if end < 0 or end - place > _LONGEST_ISA:
            break
    else:
        component, segment = text[end + 1 : end + 2], text[end + 2 : end + 3]
        after = _skip(text, end + 3)
        if segment and text.startswith(_AFTER_ISA, after):
            return Syntax(segment, sign, component)
    msg = f"its ISA cannot be read: expected {_ISA_ELEMENTS} elements separated by {sign!r}, and a GS after them"
    raise FormatError(msg)


def _of_bare(text: str, place: int) -> Syntax:
    found = _BARE_ST.match(text, place) or _BARE_GS.match(text, place)
    if found is None:
        msg = "there is no ISA, and its first segment does not show what ends a segment"
        raise FormatError(msg)
    return Syntax(found["s"][0], found["e"], "")


def _edifact(text: str, place: int) -> Iterator[Segment]:
    syntax, number = EDIFACT, 0
    while place < len(text):
        if text.startswith("UNA", place):
            component, element, _, release, _, segment = tuple(text[place + 3 : place + 9].ljust(6))
            syntax = Syntax(segment, element, component, release.strip())
            place = _skip(text, place + 9)
            continue
        end = _end(text, place, syntax)
        _check_length(text, place, end, number + 1)
        raw = text[place:end].replace("\r", "").replace("\n", "").strip()
        place = _skip(text, end + 1)
        if raw:
            number += 1
            (tag, *_), *elements = _cut(raw, syntax)
            yield Segment(tag, tuple(elements), number)


def _end(text: str, place: int, syntax: Syntax) -> int:
    """Return where a segment ends: at its sign, unless that is released."""
    end = text.find(syntax.segment, place)
    while end >= 0 and syntax.release:
        before = end
        while before > place and text[before - 1] == syntax.release:
            before -= 1
        if (end - before) % 2 == 0:
            break
        end = text.find(syntax.segment, end + 1)
    return len(text) if end < 0 else end


def _cut(raw: str, syntax: Syntax) -> list[tuple[str, ...]]:
    if not syntax.release or syntax.release not in raw:
        return [
            tuple(part.strip() for part in one.split(syntax.component))
            for one in raw.split(syntax.element)
        ]
    elements, parts, letters = [], [], []
    signs = iter(raw)
    for sign in signs:
        if sign == syntax.release:
            letters.append(next(signs, ""))
        elif sign in (syntax.component, syntax.element):
            parts.append("".join(letters).strip())
            letters = []
            if sign == syntax.element:
                elements.append(tuple(parts))
                parts = []
        else:
            letters.append(sign)
    return [*elements, (*parts, "".join(letters).strip())]


def _check_length(text: str, place: int, end: int, number: int) -> None:
    if end - place > _LONGEST:
        msg = f"segment {number} ({text[place : place + 12]!r}) does not end within {_LONGEST:,} signs"
        raise FormatError(msg)
