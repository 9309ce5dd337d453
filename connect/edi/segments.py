"""Segments, of which X12 and EDIFACT are made alike, and how they are written."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its tag, its elements with their components, and which one of its file it is (from 1 on; 0 if of none)."""

    tag: str
    elements: tuple[tuple[str, ...], ...]
    number: int = 0

    def get(self, element: int, component: int = 1) -> str:
        """Return what stands there, counted from 1 as the standards do; nothing where the segment ends before."""
        if not 0 < element <= len(self.elements):
            return ""
        parts = self.elements[element - 1]
        return parts[component - 1] if component <= len(parts) else ""


@dataclass(frozen=True, slots=True)
class Syntax:
    """The signs of a syntax: what ends a segment, an element and a component, and what takes such a sign for a letter."""

    segment: str
    element: str
    component: str
    release: str = ""


X12: Final = Syntax("~", "*", ">")
EDIFACT: Final = Syntax("'", "+", ":", "?")


def segment(tag: str, *elements: str | tuple[str, ...]) -> Segment:
    """Return a segment of elements; one with components is a tuple."""
    return Segment(tag, tuple((one,) if isinstance(one, str) else one for one in elements))


def write_segments(segments: Iterable[Segment], syntax: Syntax) -> str:
    """Return the text of segments, each on a line of its own.

    Raises:
        ValueError: an element holds a sign that X12 cannot write, or a line break; the text names the segment.
    """
    return "".join(f"{_written(one, syntax)}{syntax.segment}\n" for one in segments)


def _written(one: Segment, syntax: Syntax) -> str:
    elements = [
        _joined([_escaped(part, one.tag, syntax) for part in parts], syntax.component)
        for parts in one.elements
    ]
    return _joined([one.tag, *elements], syntax.element)


def _joined(parts: list[str], sign: str) -> str:
    while parts and not parts[-1]:
        parts.pop()
    return sign.join(parts)


def _escaped(text: str, tag: str, syntax: Syntax) -> str:
    if not text.isprintable():
        msg = f"{tag}: {text!r} has signs that cannot be sent"
        raise ValueError(msg)
    signs = (syntax.segment, syntax.element, syntax.component, syntax.release)
    if not syntax.release:
        found = [sign for sign in signs if sign and sign in text]
        # What separates components is an element of its own in the segment that declares it.
        if found and tag != "ISA":
            msg = f"{tag}: {text!r} has {found[0]!r}, which separates in X12: leave it out"
            raise ValueError(msg)
        return text
    for sign in (syntax.release, *(one for one in signs if one != syntax.release)):
        text = text.replace(sign, syntax.release + sign)
    return text
