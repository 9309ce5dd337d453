"""The simulated network as files: what a chain's programs export, untidy as such files are, to try an import on.

Each is written in another way: sales by a till with the day first and receipts of several lines, items by a German Excel, stock as
Excel's Unicode text, orders by a program that knows ISO. Some rows cannot be, as in life.
"""

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from andon.schemas.common import utc
from andon.simulation.catalog import Article, draw_catalog
from andon.simulation.chance import poisson
from andon.simulation.customers import DAY

#: One row in so many is a return; one receipt in so many has a line without a code.
_RETURN_EVERY: Final = 150
_NAMELESS_EVERY: Final = 400
_OPEN_ORDERS: Final = 0.12
_COVERED_DAYS: Final = 12.0


@dataclass(frozen=True)
class Written:
    """A file: its name and encoding, what stands between its cells, and its rows."""

    name: str
    encoding: str
    delimiter: str
    rows: Iterable[list[str]]


def write_files(
    folder: Path, *, seed: int, until: float, days: int, locations: int, items: int
) -> dict[str, int]:
    """Write sales.csv, items.csv, stock.txt and orders.csv; return how many rows each has below its head.

    Args:
        folder: where to, made if it is not there.
        seed: of everything left to chance.
        until: the moment of the export, seconds since 1970.
        days: how many of them the sales go back.
        locations: number of stores.
        items: number of articles, each sold in all stores.
    """
    rng = random.Random(seed)
    articles = draw_catalog(rng, locations, items, until - days * DAY)
    codes = {
        sku: f"{number:05}" for number, sku in enumerate(sorted({a.item.sku for a in articles}), 42)
    }
    folder.mkdir(parents=True, exist_ok=True)
    end = utc(until).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    counts = {}
    for file in (
        Written("items.csv", "utf-8-sig", ";", _items(articles, codes)),
        Written("sales.csv", "utf-8", ",", _sales(rng, articles, codes, end, days)),
        Written("stock.txt", "utf-16", "\t", _stock(rng, articles, codes)),
        Written("orders.csv", "utf-8", "|", _orders(rng, articles, codes, end)),
    ):
        with (folder / file.name).open("w", encoding=file.encoding, newline="") as opened:
            writer = csv.writer(opened, delimiter=file.delimiter)
            counts[file.name] = sum(bool(writer.writerow(row)) for row in file.rows) - 1
    return counts


def _comma(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")


def _items(articles: list[Article], codes: dict[str, str]) -> Iterator[list[str]]:
    yield ["Filiale", "Artikelnummer", "Bezeichnung", "Warengruppe", "Lieferant", "Lieferzeit", "EK-Preis", "VK-Preis", "VE"]  # fmt: skip
    for article in articles:
        item, source = article.item, article.item.sources[0]
        yield [
            item.location,
            codes[item.sku],
            item.description,
            item.category or "",
            source.origin,
            _comma(source.lead_time_days),
            _comma(item.unit_cost),
            _comma(item.unit_price or 0.0),
            str(item.pack_size),
        ]


def _sales(
    rng: random.Random, articles: list[Article], codes: dict[str, str], end: datetime, days: int
) -> Iterator[list[str]]:
    yield ["Receipt", "Line", "Date", "Store", "Item code", "Qty", "Price"]
    stores: dict[str, list[Article]] = {}
    for article in articles:
        stores.setdefault(article.item.location, []).append(article)
    receipt = 10_000
    for day in range(days, 0, -1):
        for store, sold in stores.items():
            units = [one for one in sold for _ in range(poisson(rng, one.daily))]
            rng.shuffle(units)
            minutes = sorted(rng.randrange(8 * 60, 20 * 60) for _ in range(len(units) // 3 + 1))
            for place, minute in enumerate(minutes):
                receipt += 1
                at = f"{end - timedelta(day) + timedelta(minutes=minute):%d/%m/%Y %H:%M}"
                for number, one in enumerate(units[3 * place : 3 * place + 3], 1):
                    code = "" if rng.randrange(_NAMELESS_EVERY) == 0 else codes[one.item.sku]
                    quantity = "-1" if rng.randrange(_RETURN_EVERY) == 0 else "1"
                    price = f"{one.item.unit_price:.2f}"
                    yield [str(receipt), str(number), at, store, code, quantity, price]
    yield ["Total", "", "", "", "", "", ""]


def _stock(
    rng: random.Random, articles: list[Article], codes: dict[str, str]
) -> Iterator[list[str]]:
    yield ["Store", "Item code", "On hand"]
    for article in articles:
        on_hand = round(article.daily * rng.uniform(0.0, 2 * _COVERED_DAYS))
        yield [article.item.location, codes[article.item.sku], str(on_hand)]


def _orders(
    rng: random.Random, articles: list[Article], codes: dict[str, str], end: datetime
) -> Iterator[list[str]]:
    yield ["Purchase order", "Vendor", "Store", "Item code", "Qty ordered", "Received", "Order date", "Expected arrival", "Status"]  # fmt: skip
    number = 4_500_000
    for article in articles:
        if rng.random() > _OPEN_ORDERS:
            continue
        number += 1
        source, pack = article.item.sources[0], article.item.pack_size
        quantity = max(round(article.daily * _COVERED_DAYS / pack), 1) * pack
        ordered = end - timedelta(rng.uniform(0, source.lead_time_days))
        due = ordered + timedelta(source.lead_time_days)
        part = quantity // 2 if rng.random() < 0.1 else 0
        status = rng.choice(("open", "open", "confirmed", "draft"))
        yield [
            str(number),
            source.origin,
            article.item.location,
            codes[article.item.sku],
            str(quantity),
            str(part),
            f"{ordered:%Y-%m-%d}",
            f"{due:%Y-%m-%d}",
            status,
        ]
