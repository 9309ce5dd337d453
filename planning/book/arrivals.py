"""When the goods on order arrive, as far as a book's own partition knows.

A wide disruption reaches every partition by itself, and every line by its shipment's news, in any order. Whichever is
first counts: a line that is held up by what its shipment does not say yet is late all the same, and a disruption that only
a line speaks of holds up new orders all the same.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from andon.planning.book.book import Book, Line
from andon.planning.policy.policy import usual_source
from andon.planning.policy.relief import Receipt
from andon.planning.supply.disruption import Disruption, arrival, in_force, matches
from andon.planning.supply.inbound import USUAL_SECONDS
from andon.planning.supply.lead_time import LeadTime
from andon.planning.supply.wide_disruptions import Disruptions, way_of
from andon.schemas.items import Item, Source
from andon.schemas.shipments import LineUpdate

_DAY: Final = 86400.0
#: An order without a date is overdue when so large a share of those like it have come.
_NEARLY_ALL: Final = 0.95
#: A line that is overdue without news is expected this much later than now.
_OVERDUE_SECONDS: Final = _DAY / 4
#: What is overdue for longer is no less sure than that: nobody waits for ever, and orders anew.
_MOST_OVERDUE: Final = 60 * _DAY

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


def with_dates(
    lines: Iterable[Line],
    item: Item,
    now: float,
    lead_time: Callable[[Source], LeadTime],
    former: Sequence[Source] = (),
) -> list[Line]:
    """Return lines of which those that nobody gave a date for come as their source is known to.

    They are expected when a delivery by this source, of which nothing has come so far, comes on average, and count as promised
    for when nearly all have come.

    Args:
        lines: an item's.
        item: whose sources they may come from.
        now: seconds since 1970.
        lead_time: of a source.
        former: sources that the item has no more.
    """
    return [
        _with_date(line, lead_time(source_of(line, item, former)), now) if line.undated else line
        for line in lines
    ]


def _with_date(line: Line, takes: LeadTime, now: float) -> Line:
    base = line.expected if line.cause is None or line.base is None else line.base
    ordered = line.ordered if line.ordered is not None else base - USUAL_SECONDS
    held_up = line.expected - base
    elapsed = max(now - ordered - held_up, 0.0)
    mean_days, sd_days = takes.remaining(elapsed / _DAY)
    return msgspec.structs.replace(
        line,
        expected=ordered + held_up + elapsed + mean_days * _DAY,
        spread_days=math.hypot(sd_days, line.spread_days if held_up else 0.0),
        promised=ordered + held_up + takes.quantile(_NEARLY_ALL) * _DAY,
    )


def source_of(line: Line | LineUpdate, item: Item, former: Sequence[Source] = ()) -> Source:
    """Return the source that a line comes from: the one most like it of its supplier, also if the item has that no more, else the usual one."""
    own = [source for source in item.sources if source.supplier == line.supplier]
    own = own or [source for source in former if source.supplier == line.supplier]
    if not own:
        return usual_source(item)

    def alike(source: Source) -> int:
        ways = ((source.lane, line.lane), (source.carrier, line.carrier), (source.mode, line.mode))
        return sum(
            (ours == theirs) - (None not in (ours, theirs) and ours != theirs)
            for ours, theirs in ways
        )

    return max(own, key=alike)


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


def receipts_of(lines: Iterable[Line], now: float) -> list[Receipt]:
    """Return what of these lines is still to come; what is overdue without news is expected soon, and less surely."""
    receipts = []
    for line in lines:
        if line.open_quantity <= 0:
            continue
        overdue = min(max(now - line.expected, 0.0), _MOST_OVERDUE)
        receipts.append(
            Receipt(
                expected=max(line.expected, now + _OVERDUE_SECONDS) if overdue else line.expected,
                spread_days=line.spread_days + overdue / _DAY,
                quantity=line.open_quantity,
            )
        )
    return receipts
