"""The wide disruptions that are known, found by what they hold up instead of one by one.

A decision asks them about each line on order, and a network may know hundreds, of one carrier even. What each adds to an
arrival does not depend on the arrival, only whether it does: so those of one name are kept with the longest first, and the
first of them that touches an arrival is the worst.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from andon.planning.supply.disruption import Disruption, end_of, lateness

#: What goods go by: the scope and the name of all that a disruption may be of.
Way = tuple[tuple[str, str], ...]


class _Hold(NamedTuple):
    """What a disruption adds (seconds, negated, so that the longest comes first), to arrivals after when, of orders until when."""

    less: float
    number: int
    after: float
    until: float
    disruption: Disruption


def way_of(
    *,
    shipment_id: str | None = None,
    supplier: str | None = None,
    carrier: str | None = None,
    lane: str | None = None,
    locations: Iterable[str] = (),
) -> Way:
    """Return all that goods go by, as disruptions name it."""
    named = (
        ("shipment", shipment_id),
        ("supplier", supplier),
        ("carrier", carrier),
        ("lane", lane),
        *(("location", one) for one in locations),
    )
    return tuple((scope, name) for scope, name in named if name is not None)


class Disruptions(Mapping[str, Disruption]):
    """Wide disruptions by name, as they are when this is made; none of them names a new arrival, as only a shipment's own do."""

    def __init__(self, known: Mapping[str, Disruption]) -> None:
        self._known = known if isinstance(known, Disruptions) else dict(known)
        self._numbered: dict[tuple[str, str], list[tuple[int, Disruption]]] = {}
        for number, one in enumerate(self._known.values()):
            self._numbered.setdefault((one.scope, one.name), []).append((number, one))
        self._holds: dict[tuple[str, str], list[_Hold]] = {}

    def __getitem__(self, delay_id: str) -> Disruption:
        """Return a disruption by its name."""
        return self._known[delay_id]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._known)

    def __len__(self) -> int:
        """Return how many are known."""
        return len(self._known)

    def touching(self, way: Way) -> list[Disruption]:
        """Return those that something which goes this way may meet, in the order in which they are known."""
        found = [one for name in way for one in self._numbered.get(name, ())]
        found.sort(key=lambda numbered: numbered[0])
        return [disruption for _, disruption in found]

    def worst(self, way: Way, base: float, ordered: float | None) -> Disruption | None:
        """Return the one that makes goods the latest that go this way, or None if none does.

        Args:
            way: what they go by.
            base: when they would arrive without, seconds since 1970.
            ordered: when they were ordered: what was over by then does not count; None if unknown.
        """
        worst: _Hold | None = None
        for name in way:
            if name not in self._numbered:
                continue
            for hold in self._of(name):
                if worst is not None and hold[:2] > worst[:2]:
                    break
                if hold.after < base and (ordered is None or ordered < hold.until):
                    worst = hold
                    break
        return None if worst is None else worst.disruption

    def _of(self, name: tuple[str, str]) -> list[_Hold]:
        """Return what the disruptions of one thing add, the longest first."""
        found = self._holds.get(name)
        if found is None:
            found = []
            for number, one in self._numbered[name]:
                adds, after = lateness(one)
                if adds > 0:
                    found.append(_Hold(-adds, number, after, end_of(one), one))
            found.sort(key=lambda hold: hold[:2])
            self._holds[name] = found
        return found


def found_by_way(known: Mapping[str, Disruption]) -> Disruptions:
    """Return disruptions in the form in which they are found by what they hold up."""
    return known if isinstance(known, Disruptions) else Disruptions(known)
