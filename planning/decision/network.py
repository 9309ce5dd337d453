"""What a decision may ask about the supply network, and what the book of the item adds to it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from andon.planning.book.arrivals import disruptions_of_lines
from andon.planning.book.book import Book
from andon.planning.production.bills import Bills
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.item_lead_times import source_name, with_own
from andon.planning.supply.lead_time import LeadTime
from andon.planning.supply.order_calendar import OrderCalendar
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.items import Item, Source
from andon.schemas.suppliers import Supplier


class SupplyNetwork(Protocol):
    """What decisions may ask about the supply network."""

    def lead_time(self, source: Source) -> LeadTime:
        """Return the lead time of a source: what its deliveries taught, else what the master data say."""
        ...

    def disruptions(self) -> Disruptions:
        """Return the wide disruptions in force."""
        ...

    def delay_multiplier(self, carrier: str | None, supplier: str | None) -> float:
        """Return what a day of delay reported of a carrier, or else of a supplier, has meant in days so far."""
        ...

    def spare(self, item: Item, now: float) -> "Iterable[Spare]":
        """Return what locations can spare of an item now (seconds since 1970), its own perhaps among them."""
        ...

    def transfer_terms(self) -> "TransferTerms":
        """Return what it takes to move goods from one location to another."""
        ...

    def order_calendar(self, source: Source, location: str) -> OrderCalendar | None:
        """Return when a source takes orders for a location and delivers there; None if it does at any time."""
        ...

    def terms(self, supplier: str) -> Supplier | None:
        """Return what was told of a supplier, if anything."""
        ...

    def bills(self) -> Bills:
        """Return what all items are made of."""
        ...


class TransferTerms(NamedTuple):
    """How long a transfer between locations takes, and what it costs as a share of the goods' value."""

    days: float = 1.0
    cost_rate: float = 0.05


class Spare(NamedTuple):
    """What a location can give now, and what giving one unit costs it."""

    location: str
    quantity: int
    cost_of_giving: float


class Informed:
    """A supply network of which a book knows more: disruptions that its partition has not heard of yet, and its own deliveries."""

    def __init__(self, supply: SupplyNetwork, told: Mapping[str, Disruption], book: Book) -> None:
        known = supply.disruptions()
        self._disruptions = Disruptions({**known, **told}) if told else known
        self._supply = supply
        self._took = book.took
        self.delay_multiplier = supply.delay_multiplier
        self.spare = supply.spare
        self.transfer_terms = supply.transfer_terms
        self.order_calendar = supply.order_calendar
        self.terms = supply.terms
        self.bills = supply.bills

    def lead_time(self, source: Source) -> LeadTime:
        """Return the lead time of a source: what it is known for, corrected by what it took with this item."""
        known = self._supply.lead_time(source)
        own = self._took.get(source_name(source.origin, source.lane, source.carrier, source.mode))
        return known if own is None else with_own(known, own)

    def disruptions(self) -> Disruptions:
        """Return the wide disruptions in force."""
        return self._disruptions


def informed(book: Book, supply: SupplyNetwork) -> SupplyNetwork:
    """Return the supply network with the disruptions that a book's lines speak of, and what deliveries of its item took."""
    told = disruptions_of_lines(book, supply.disruptions()) if book.lines else {}
    return Informed(supply, told, book) if told or book.took else supply
