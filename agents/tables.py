"""The one registry of tables: what kinds of state there are, and which agent writes them."""

from collections.abc import Iterable, Iterator
from typing import Any

from andon.planning.alerting.alerts import wakes_at
from andon.planning.book.book import Book
from andon.planning.book.memory import BLOCK, Block
from andon.planning.decision.decide import look_again
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.pool import Pool
from andon.planning.production.line import ProductionLine
from andon.planning.production.loops import KanbanLoop
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.incident import Incident
from andon.planning.supply.master_data import PlaceRecord, SupplierRecord
from andon.planning.supply.partition import Partition
from andon.planning.supply.scorecard import ScorecardState
from andon.streams.state import TableSpec

BOOKS = "books"
MEMORIES = "memories"
MODELS = "models"
SHIPMENTS = "shipments"
DONE = "done"
SCORECARDS = "scorecards"
PARTITIONS = "partitions"
INCIDENTS = "incidents"
POOLS = "pools"
SUPPLIERS = "suppliers"
PLACES = "places"
PRODUCTION = "production"
LOOPS = "loops"

#: The only record of a partition's own table.
PARTITION_STATE = "here"


def block_key(key: str, number: int) -> str:
    """Return the key of a block of what the book under a key remembers."""
    return f"{key}\n{number}"


def _models_of(key: str, _: Any) -> Iterable[tuple[str, str]]:
    return ((MODELS, key),)


def _blocks_of(key: str, book: Book) -> Iterable[tuple[str, str]]:
    """Yield a book's blocks, the last first."""
    for number in range((book.fallen - 1) // BLOCK, book.kept // BLOCK - 1, -1):
        yield MEMORIES, block_key(key, number)


def _done_of(key: str, _: Any) -> Iterable[tuple[str, str]]:
    return ((DONE, key),)


def _wakes(record: Any) -> float | None:
    return wakes_at(record.alerts, 0.0)


#: A book is never written before what it no longer holds itself: what its models learned, and what fell out of it. A shipment that
#: is put away is kept there before it is gone here.
TABLES = (
    TableSpec(MODELS, Models, lambda _: Models(), rests=lambda _: True),
    TableSpec(MEMORIES, Block, lambda _: Block(), rests=lambda _: True),
    TableSpec(
        BOOKS,
        Book,
        lambda _: Book(),
        rests=lambda book: not book.alerts,
        after=(_models_of, _blocks_of),
        due=lambda book: look_again(book, 0.0),
    ),
    TableSpec(DONE, Shipment, lambda key: Shipment(shipment_id=key), rests=lambda _: True),
    TableSpec(
        SHIPMENTS,
        Shipment,
        lambda key: Shipment(shipment_id=key),
        after=(_done_of,),
        due=_wakes,
    ),
    TableSpec(SCORECARDS, ScorecardState, lambda _: ScorecardState(), due=_wakes),
    TableSpec(INCIDENTS, Incident, lambda _: Incident(), due=_wakes),
    TableSpec(PRODUCTION, ProductionLine, lambda _: ProductionLine(), due=_wakes),
    TableSpec(LOOPS, KanbanLoop, lambda _: KanbanLoop(), due=_wakes),
    TableSpec(POOLS, Pool, lambda _: Pool()),
    TableSpec(SUPPLIERS, SupplierRecord, lambda _: SupplierRecord()),
    TableSpec(PLACES, PlaceRecord, lambda _: PlaceRecord()),
    TableSpec(PARTITIONS, Partition, lambda _: Partition()),
)


def open_alerts(record: Any) -> Iterator[tuple[str, str]]:
    """Yield kind and severity of each alert that a record of state has open."""
    alerts = getattr(record, "alerts", None)
    if alerts:
        for alert in alerts.values():
            yield alert.kind, alert.severity
