"""When the goods on order arrive, as far as a book's own partition knows.

A wide disruption reaches every partition by itself, and every line by its shipment's news, in any order. Whichever is
first counts: a line that is held up by what its shipment does not say yet is late all the same, and a disruption that only
a line speaks of holds up new orders all the same.
"""

from collections.abc import Callable

import msgspec

from andon.planning.book.book import Book, Line
from andon.planning.supply.disruption import Disruption, arrival, in_force, matches
from andon.planning.supply.wide_disruptions import Disruptions, way_of

#: What a reported day of delay has meant in days, by carrier and supplier.
Worth = Callable[[str | None, str | None], float]


def coming(
    book: Book, location: str, disruptions: Disruptions, delay_multiplier: Worth
) -> list[Line]:
    """Return the lines of which something is still to come, as late as these disruptions make them.

    Args:
        book: the item's book.
        location: where it is.
        disruptions: the wide ones that the partition knows.
        delay_multiplier: what reports of a carrier or supplier have been worth.
    """
    lines = [line for line in book.lines.values() if line.open_quantity > 0]
    if not disruptions:
        return lines
    return [held_up_line(line, location, disruptions, delay_multiplier) for line in lines]


def held_up_line(
    line: Line, location: str, disruptions: Disruptions, delay_multiplier: Worth
) -> Line:
    """Return a line as late as the worst of these disruptions makes it; as it was told, if nothing makes it later."""
    if line.cause is None:
        base, spread_days = line.expected, line.spread_days
    elif line.base is not None:
        base, spread_days = line.base, line.base_spread
    else:
        return line
    way = way_of(
        shipment_id=line.shipment_id,
        supplier=line.supplier,
        carrier=line.carrier,
        lane=line.lane,
        locations=(location,),
    )
    worst = disruptions.worst(way, base, line.ordered)
    if worst is None:
        return line
    now = arrival(base, spread_days, (worst,), delay_multiplier(line.carrier, line.supplier))
    if now.expected <= line.expected:
        return line
    return msgspec.structs.replace(
        line,
        expected=now.expected,
        spread_days=now.spread_days,
        cause=now.cause,
        reason=now.reason,
        parent_id=worst.parent_id,
    )


def touches(disruption: Disruption, line: Line, location: str) -> bool:
    """Return whether a disruption holds up a line, as its shipment would say: it was not over when it was ordered."""
    return matches(
        disruption,
        shipment_id=line.shipment_id,
        supplier=line.supplier,
        carrier=line.carrier,
        lane=line.lane,
        locations=(location,),
    ) and (line.ordered is None or in_force(disruption, line.ordered))


def disruptions_of_lines(book: Book, known: Disruptions) -> dict[str, Disruption]:
    """Return the wide disruptions that the lines' news speak of and that are not among those known, by name."""
    return {
        line.held_by.delay_id: line.held_by
        for line in book.lines.values()
        if line.held_by is not None and line.held_by.delay_id not in known
    }
