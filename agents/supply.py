"""What decisions may ask about the supply network: learned lead times, and what is disrupted now."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from andon.planning.decision.network import Spare, TransferTerms
from andon.planning.decision.surplus import still_spare
from andon.planning.production.bills import NO_BILLS, Bills
from andon.planning.supply.delay_distribution import delays_of_way
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.item_lead_times import deviation_of, planned, source_name
from andon.planning.supply.lead_time import LeadTime, blend, prior
from andon.planning.supply.master_data import PlaceRecord, SupplierRecord
from andon.planning.supply.order_calendar import OrderCalendar, calendar_of, has_terms_of_time
from andon.planning.supply.wide_disruptions import Disruptions
from andon.schemas.common import split_item_key
from andon.schemas.items import Item, Source
from andon.schemas.scorecards import Scorecard
from andon.schemas.suppliers import Supplier
from andon.schemas.surplus import Surplus

#: So many deliveries that were held against plans say more than any number of which only the days are known.
_ENOUGH: Final = 4


class Scorecards:
    """The scorecards learned so far, by `type/name`."""

    def __init__(self) -> None:
        self._cards: dict[str, Scorecard] = {}
        self._delays: dict[str, dict[int, float]] = {}
        self._decoder = msgspec.json.Decoder(Scorecard)

    def learn(self, key: bytes, value: bytes | None) -> None:
        """Take in one record of the scorecards topic."""
        name = key.decode()
        if value is None:
            self._cards.pop(name, None)
            self._delays.pop(name, None)
        else:
            card = self._cards[name] = self._decoder.decode(value)
            self._delays[name] = {int(day): count for day, count in card.delay_counts.items()}

    def of(self, key: str) -> Scorecard | None:
        """Return a scorecard if there is one."""
        return self._cards.get(key)

    def of_type(self, type_: str) -> list[Scorecard]:
        """Return the scorecards of one type: supplier, carrier, lane, mode, source or network."""
        return [card for card in self._cards.values() if card.type == type_]

    def delay_multiplier(self, *keys: str) -> float:
        """Return what a reported day of delay has meant in days, by the first of these scorecards that knows."""
        for key in keys:
            card = self._cards.get(key)
            if card is not None and card.report_worth is not None:
                return card.report_worth
        return 1.0

    def delays(
        self, supplier: str | None, lane: str | None, carrier: str | None, mode: str | None
    ) -> dict[int, float]:
        """Return how many days after its promise a delivery of this way comes, as probabilities by day."""
        names = {
            "network": "all",
            "mode": mode,
            "lane": lane,
            "carrier": carrier,
            "supplier": supplier,
            "source": None if supplier is None else source_name(supplier, lane, carrier, mode),
        }
        return delays_of_way(
            {
                kind: counts
                for kind, name in names.items()
                if (counts := self._delays.get(f"{kind}/{name}"))
            }
        )

    def __len__(self) -> int:
        return len(self._cards)


class Surpluses:
    """What locations said they can spare, by sku: a few bytes for each, as there may be very many."""

    def __init__(self) -> None:
        self._by_sku: dict[str, dict[str, Surplus]] = {}
        self._decoder = msgspec.json.Decoder(Surplus)

    def learn(self, key: bytes, value: bytes | None) -> None:
        """Take in one record of the surplus topic; nothing to spare is not kept."""
        location, sku = split_item_key(key.decode())
        known = self._by_sku.get(sku)
        surplus = None if value is None else self._decoder.decode(value)
        if surplus is not None and surplus.quantity:
            self._by_sku.setdefault(sku, {})[location] = surplus
        elif known is not None:
            known.pop(location, None)
            if not known:
                del self._by_sku[sku]

    def spare(self, item: Item, now: float) -> list[Spare]:
        """Return what is left of an item at other locations, in its own currency (`now` in seconds since 1970)."""
        return [
            left
            for location, surplus in self._by_sku.get(item.sku, {}).items()
            if location != item.location
            and surplus.currency == item.currency
            and (left := still_spare(surplus, now)) is not None
        ]


class Calendars:
    """When suppliers take orders and deliver, and locations take goods in, as far as anybody told."""

    def __init__(
        self, suppliers: Mapping[str, SupplierRecord], places: Mapping[str, PlaceRecord]
    ) -> None:
        self._suppliers = suppliers
        self._places = places

    def supplier(self, name: str) -> Supplier | None:
        """Return what was told of a supplier, if anything."""
        record = self._suppliers.get(name)
        return None if record is None else record.told

    def of(self, source: Source, location: str) -> OrderCalendar | None:
        """Return when a source takes orders for a location and delivers there; None if it does at any time."""
        supplier, place = self.supplier(source.origin), self._places.get(location)
        sender = self._places.get(source.from_location) if source.from_location else None
        if (supplier, place, sender) == (None, None, None) and not has_terms_of_time(source):
            return None
        return calendar_of(
            source,
            supplier,
            None if place is None else place.told,
            None if sender is None else sender.told,
        )


class NetworkSupply:
    """What the decisions of one partition know of the network: the scorecards, and the disruptions in force.

    One is made for each batch, and for each slice of a timer's work: disruptions may change in between.
    """

    def __init__(
        self,
        cards: Scorecards,
        disruptions: Mapping[str, Disruption],
        surpluses: Surpluses | None = None,
        transfers: TransferTerms | None = None,
        calendars: Calendars | None = None,
        bills: Bills = NO_BILLS,
    ) -> None:
        self._cards = cards
        self._known = disruptions
        self._disruptions: Disruptions | None = None
        self._surpluses = surpluses
        self._transfers = transfers or TransferTerms()
        self._calendars = calendars or Calendars({}, {})
        self._bills = bills

    def bills(self) -> Bills:
        """Return what all items are made of, as far as they told."""
        return self._bills

    def lead_time(self, source: Source) -> LeadTime:
        """Return what the master data say, corrected by how far deliveries from this source have been from plans.

        As long as few of them could be held against a plan, by the days that they took.
        """
        belief = prior(source.lead_time_days, source.lead_time_sd_days)
        name = source_name(source.origin, source.lane, source.carrier, source.mode)
        card = self._cards.of(f"source/{name}")
        deliveries = 0 if card is None else card.rests_on
        if card is None or not deliveries:
            return belief
        if card.plan_deliveries >= min(deliveries, _ENOUGH):
            deviation = blend(
                deviation_of(belief),
                card.plan_share_p50,
                card.plan_share_sd,
                card.plan_deliveries,
            )
            return planned(belief, source.lead_time_days, deviation, card.plan_deliveries)
        share = card.lead_time_sd_days / card.lead_time_mean_days
        return blend(belief, card.lead_time_p50_days, share, deliveries)

    def disruptions(self) -> Disruptions:
        """Return the wide disruptions that were in force when this was first asked."""
        if self._disruptions is None:
            self._disruptions = Disruptions(self._known)
        return self._disruptions

    def order_calendar(self, source: Source, location: str) -> OrderCalendar | None:
        """Return when a source takes orders for a location and delivers there; None if it does at any time."""
        return self._calendars.of(source, location)

    def terms(self, supplier: str) -> Supplier | None:
        """Return what was told of a supplier, if anything."""
        return self._calendars.supplier(supplier)

    def delay_multiplier(self, carrier: str | None, supplier: str | None) -> float:
        """Return what a day of delay reported of a carrier, or else of a supplier, has meant in days so far."""
        return self._cards.delay_multiplier(f"carrier/{carrier}", f"supplier/{supplier}")

    def spare(self, item: Item, now: float) -> Iterable[Spare]:
        """Return what locations can spare of an item now (seconds since 1970)."""
        return () if self._surpluses is None else self._surpluses.spare(item, now)

    def transfer_terms(self) -> TransferTerms:
        """Return what it takes to move goods from one location to another."""
        return self._transfers
