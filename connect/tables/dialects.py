"""How a CSV is written: what stands between its cells, what around them, and where its head is.

The delimiter is the one that divides every line as often as the head; two that do are not chosen from. (Python's csv.Sniffer
does not look at the head, and always guesses; clevercsv, a compiled package, ranks by what cells look like, and always guesses, too.)
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from andon.connect.tables.errors import FormatError
from andon.connect.tables.heads import has_values, head_at

_CANDIDATES: Final = (",", ";", "\t", "|")
_NAMES: Final = {"\t": "tab", " ": "space"}
#: So many rows at most are looked at.
_ROWS: Final = 1000
#: A line like `sep=;` is what Excel writes for itself.
_SEP: Final = "sep="
_GOOD: Final = 0.9


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV is written; `above` counts the lines over its head."""

    delimiter: str
    quote: str
    above: int

    @property
    def name(self) -> str:
        """What stands between cells, for people."""
        return _NAMES.get(self.delimiter, self.delimiter)


@dataclass(frozen=True, slots=True)
class _Found:
    dialect: Dialect
    width: int
    share: float
    #: Whether numbers or dates stand in what would be the head.
    has_values: bool


def dialect_of(
    lines: list[str], said: str | None, head: int | None = None, *, is_whole: bool
) -> Dialect:
    """Return how the lines are written.

    Args:
        lines: the first ones, with their ends.
        said: the delimiter, if the user says it.
        head: the line of the head, if the user says it.
        is_whole: whether the last line is complete.

    Raises:
        FormatError: two delimiters would do.
    """
    if not is_whole and len(lines) > 1:
        lines = lines[:-1]
    first = lines[0].strip() if lines else ""
    if head is not None:
        inner = dialect_of(lines[head - 1 :], said, is_whole=True)
        return Dialect(inner.delimiter, inner.quote, head - 1)
    if first.lower().startswith(_SEP) and len(first) == len(_SEP) + 1:
        inner = dialect_of(lines[1:], said or first[-1], is_whole=True)
        return Dialect(inner.delimiter, inner.quote, inner.above + 1)
    quote = _quote(lines)
    found = [_tried(lines, one, quote) for one in (_CANDIDATES if said is None else (said,))]
    wide = [one for one in found if one.width > 1]
    if not wide:
        return Dialect(said or ",", quote, found[0].dialect.above)
    # What needs lines of title above its head to fit is no rival of what does not: 2,50 divides all lines but the head, too.
    good = [one for one in wide if one.share >= _GOOD] or wide
    good = [one for one in good if not one.has_values] or good
    # Nor is what divides a title and 2,50 once each a rival of what makes a table below the title.
    deep = max((one.dialect.above for one in good if one.width > 2), default=0)
    good = [one for one in good if one.width > 2 or one.dialect.above >= deep]
    least = min(one.dialect.above for one in good)
    good = [one for one in good if one.dialect.above == least]
    best = max(good, key=lambda one: (one.share, one.width))
    rivals = [one for one in good if one is not best and one.share >= max(_GOOD, best.share)]
    if rivals:
        raise FormatError(
            f"{best.dialect.name} and {rivals[0].dialect.name} both divide its lines evenly: say which it is, "
            f"--delimiter '{best.dialect.name}' or --delimiter '{rivals[0].dialect.name}'"
        )
    return best.dialect


def _tried(lines: list[str], delimiter: str, quote: str) -> _Found:
    rows = list(_rows(lines, delimiter, quote))[:_ROWS]
    filled = [(begins, row) for begins, row in rows if row]
    above, head = filled[head_at([row for _, row in filled])] if filled else (0, [])
    width = len(head)
    after = [row for begins, row in filled if begins >= above]
    even = sum(len(row) == width or (len(row) > width and not any(row[width:])) for row in after)
    share = even / max(len(after), 1)
    return _Found(Dialect(delimiter, quote, above), width, share, has_values(head))


def _rows(lines: list[str], delimiter: str, quote: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows, each with how many lines stand above it."""
    reader = csv.reader(lines, delimiter=delimiter, quotechar=quote)
    while True:
        begins = reader.line_num
        try:
            yield begins, next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue


def _quote(lines: list[str]) -> str:
    """Return what stands around cells: single quotes only where cells begin and end with them and no double ones do."""
    text = "".join(lines[:_ROWS])
    if '"' in text:
        return '"'
    pairs = sum(
        text.count(f"'{one}'") + text.count(f"'{one}") + text.count(f"{one}'")
        for one in _CANDIDATES
    )
    begins = sum(line.startswith("'") for line in lines[:_ROWS])
    return "'" if pairs and begins * 2 >= min(len(lines), _ROWS) else '"'
