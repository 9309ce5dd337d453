"""What the simulated network consists of: stores, articles, suppliers; drawn from a seed."""

import math
import random
from dataclasses import dataclass
from typing import Final, NamedTuple

from andon.schemas.common import utc
from andon.schemas.items import Item, ServiceClass, Source


class _Supplier(NamedTuple):
    """Who delivers, on what way; mean and standard deviation of the lead time in days, markup on the unit cost."""

    name: str
    lane: str
    carrier: str
    mode: str
    days: float
    sd_days: float
    markup: float


_SUPPLIERS: Final = (
    _Supplier("ACME", "ROTTERDAM", "NORDFREIGHT", "road", 5.0, 1.0, 1.00),
    _Supplier("HANSA", "HAMBURG", "NORDFREIGHT", "road", 4.0, 0.8, 1.04),
    _Supplier("VERDE", "GENOA", "ALPINE", "rail", 7.0, 1.6, 0.96),
    _Supplier("BALTIC", "GDANSK", "BALTLINE", "road", 6.0, 1.2, 0.98),
    _Supplier("ORIENT", "SUEZ", "BLUEWATER", "sea", 21.0, 4.0, 0.85),
)
_EXPRESS: Final = _Supplier("QUICK", "AIRBRIDGE", "SKYHOP", "air", 1.0, 0.3, 1.30)
_WEIGHTS: Final = (4, 3, 3, 3, 1)
#: Category, its articles, shelf life in days, unit cost about which the articles lie.
_CATEGORIES: Final = (
    ("tea", ("Earl Grey", "Darjeeling", "Assam", "Sencha", "Rooibos", "Peppermint"), None, 2.4),
    ("coffee", ("Espresso", "Filter", "Decaf", "Arabica", "Robusta", "Cold brew"), None, 5.2),
    ("dairy", ("Butter", "Yoghurt", "Cheddar", "Oat drink", "Cream", "Quark"), 30.0, 1.6),
    ("bakery", ("Rusk", "Rye", "Crackers", "Shortbread", "Oatcakes", "Tortilla"), 45.0, 1.9),
    ("care", ("Soap", "Shampoo", "Toothpaste", "Balm", "Tissues", "Razor"), None, 2.8),
    ("pantry", ("Rice", "Lentils", "Olive oil", "Passata", "Honey", "Mustard"), None, 3.1),
    ("snacks", ("Almonds", "Raisins", "Chips", "Dark choc", "Wafers", "Popcorn"), 120.0, 1.8),
    ("home", ("Candles", "Foil", "Sponge", "Matches", "Twine", "Batteries"), None, 3.6),
)
_MOST_EXPRESSES = 3.0
_CLASSES: Final[tuple[ServiceClass, ...]] = ("lean", "balanced", "critical")


@dataclass(frozen=True)
class Article:
    """An article at a location: its master data, and the demand that nobody knows, in units a day."""

    item: Item
    daily: float

    @property
    def key(self) -> str:
        """Its `location/sku`."""
        return f"{self.item.location}/{self.item.sku}"


def draw_catalog(rng: random.Random, locations: int, items: int, at: float) -> list[Article]:
    """Return all articles at all locations.

    Args:
        rng: the source of chance.
        locations: number of stores, at least 1.
        items: number of articles, each sold everywhere, at least 1.
        at: when the master data were written, seconds since 1970.

    Raises:
        ValueError: there is no location or no item.
    """
    for name, count in (("locations", locations), ("items", items)):
        if count < 1:
            msg = f"{name}: expected at least 1, got {count}"
            raise ValueError(msg)
    sizes = [0.6 + 0.9 * rng.random() for _ in range(locations)]
    articles = []
    for number in range(items):
        category, names, shelf_life, cost = _CATEGORIES[number % len(_CATEGORIES)]
        place = number // len(_CATEGORIES)
        name = names[place % len(names)]
        size = "" if place < len(names) else f", size {place // len(names) + 1}"
        unit_cost = round(cost * math.exp(rng.gauss(0, 0.3)), 2)
        popularity = min(5.0 * math.exp(rng.gauss(0, 0.8)), 40.0)
        usual, other = _two_suppliers(rng, shelf_life)
        service_class = rng.choices(_CLASSES, (2, 5, 2))[0]
        pack = rng.choice((1, 6, 6, 12, 12, 24)) if popularity > _MOST_EXPRESSES else 1
        for store, factor in enumerate(sizes, 1):
            daily = popularity * factor
            guess = daily * math.exp(rng.gauss(0, 0.25))
            item = Item(
                location=f"store-{store}",
                sku=f"{category.upper()}-{place + 1:02}",
                updated_at=utc(at),
                description=f"{name}{size}",
                category=category,
                unit_cost=unit_cost,
                unit_price=round(unit_cost * 1.8, 2),
                order_cost=2.5,
                service_class=service_class,
                pack_size=pack,
                minimum_order=pack,
                shelf_life_days=shelf_life,
                expected_daily_demand=round(guess, 2),
                sources=(
                    _source(usual, unit_cost, expedite=False),
                    _source(other, unit_cost * 1.06, expedite=False),
                    _source(_EXPRESS, unit_cost, expedite=True),
                ),
            )
            articles.append(Article(item, daily))
    return articles


def _two_suppliers(rng: random.Random, shelf_life: float | None) -> tuple[_Supplier, _Supplier]:
    quick = _SUPPLIERS[:4]
    usual = rng.choices(_SUPPLIERS, _WEIGHTS)[0] if shelf_life is None else rng.choice(quick)
    other = rng.choice([supplier for supplier in quick if supplier is not usual])
    return usual, other


def _source(supplier: _Supplier, unit_cost: float, *, expedite: bool) -> Source:
    return Source(
        supplier=supplier.name,
        lane=supplier.lane,
        carrier=supplier.carrier,
        mode=supplier.mode,
        lead_time_days=supplier.days,
        lead_time_sd_days=supplier.sd_days,
        unit_cost=round(unit_cost * supplier.markup, 2),
        order_cost=30.0 if expedite else 2.5,
        expedite=expedite,
    )
