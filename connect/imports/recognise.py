"""Which column is which field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from andon.connect.imports.names import folded, names_of
from andon.connect.tables.errors import FormatError

_MEASURED: Final = frozenset(("quantity", "received", "outstanding"))
_UNIT: Final = re.compile(r"[(\[][^()\[\]]*[)\]]\s*$")


@dataclass(frozen=True)
class Recognised:
    """Where each field stands (counted from 0), and the columns that nobody reads."""

    places: dict[str, int]
    unused: list[str]


def recognise(
    kind: str, head: list[str], fields: Iterable[str], said: Mapping[str, str]
) -> Recognised:
    """Return which column is which field; each is one field's, and the surest name of a field wins.

    Args:
        kind: of the table.
        head: its columns.
        fields: those that the kind knows, the more important first.
        said: columns by field, as the user says; an empty one is none.

    Raises:
        FormatError: a column that is said is not there, or there are two of that name.
    """
    known = list(fields)
    wrong = [field for field in said if field not in known]
    if wrong:
        msg = f"--column {wrong[0]}: {kind} have no such field, but {', '.join(known)}"
        raise FormatError(msg)
    # ERPNext names the table of an order's lines behind their columns.
    plain = [folded(name.removesuffix("(Items)")) for name in head]
    # A unit may stand behind what a column of quantities is called: `Menge (kg)`.
    bare = [folded(_UNIT.sub("", name)) for name in head]
    places: dict[str, int] = {}
    for field, name in said.items():
        if name:
            places[field] = _place(field, name, head, plain)
    for field in known:
        if field in said:
            continue
        wholes = [(name, plain) for name in names_of(kind, field, plain)]
        parts = [(name, bare) for name, _ in wholes] if field in _MEASURED else []
        for name, shown in (*wholes, *parts):
            found = [p for p, one in enumerate(shown) if one == name and p not in places.values()]
            if len(found) > 1:
                places_of = " and ".join(str(place + 1) for place in found)
                msg = f"two columns are called {head[found[0]]!r} (columns {places_of}): give them names of their own in the file"
                raise FormatError(msg)
            if found:
                places[field] = found[0]
                break
    taken = set(places.values())
    unused = [name for place, name in enumerate(head) if place not in taken and name]
    return Recognised(places, unused)


def _place(field: str, name: str, head: list[str], plain: list[str]) -> int:
    exact = [place for place, one in enumerate(head) if one == name]
    found = exact or [place for place, one in enumerate(plain) if one == folded(name)]
    if len(found) != 1:
        what = "no column" if not found else "two columns"
        msg = (
            f"--column {field}={name}: the table has {what} of that name; it has {', '.join(head)}"
        )
        raise FormatError(msg)
    return found[0]
