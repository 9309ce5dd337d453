"""A table of stages of a supply chain, and where their safety stock belongs."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.numbers import number_of
from andon.connect.tables.options import TableOptions
from andon.connect.tables.table import Table, text_of
from andon.planning.demand.special_functions import ndtri
from andon.planning.network.guaranteed_service import Placement, Stage, place

#: What a table must have, and what it may.
COLUMNS: Final = ("stage", "days", "cost")
OPTIONAL: Final = ("sources", "sd", "service_level", "longest_service")
_LEVEL: Final = 0.95
_MOST_STAGES: Final = 2000


class Placed(NamedTuple):
    """Where safety stock belongs: the stages, their promises, and what it costs a year if each covers its own time instead."""

    stages: dict[str, Stage]
    placement: Placement
    apart: float

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each stage: its promise and what it waits for (days), and its safety stock (units, and money a year)."""
        found = self.placement
        return [
            {
                "stage": name,
                "inbound_days": found.inbound[name],
                "own_days": stage.days,
                "promised_days": found.service[name],
                "safety_stock": round(found.stock[name], 2),
                "cost": round(found.stock[name] * stage.cost, 2),
            }
            for name, stage in self.stages.items()
        ]


def placed(path: Path | str, options: TableOptions) -> Placed:
    """Read a table of stages and place their safety stock.

    What sells nothing itself may leave out its `sd`: it is then that of all it feeds, which are taken to be independent. What
    sells to customers promises to deliver at once, unless `longest_service` says later.

    Raises:
        FormatError: the file is no such table, or its stages are no tree.
    """
    stages = _with_demand(_stages(path, options))
    try:
        found = place(stages)
    except ValueError as error:
        raise FormatError(f"{path}: {error}") from error
    return Placed(stages, found, math.fsum(one.holding(one.days) for one in stages.values()))


def _stages(path: Path | str, options: TableOptions) -> dict[str, Stage]:
    found: dict[str, Stage] = {}
    with InputFile(path) as source:
        table = Table(source, options)
        names = [name.strip().lower() for name in table.head]
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise FormatError(
                f"{source.name}: no column {missing[0]!r}; a stage has {', '.join((*COLUMNS, *OPTIONAL))}"
            )
        for line in table:
            if line.fault is not None:
                raise FormatError(f"{source.name}, line {line.number}: {line.fault[1]}")
            row = dict(zip(names, line.cells, strict=False))
            try:
                name, stage = _stage(row, options)
            except BadRow as error:
                raise FormatError(f"{source.name}, line {line.number}: {error}") from error
            if name in found:
                raise FormatError(f"{source.name}, line {line.number}: {name!r} stands there twice")
            found[name] = stage
            if len(found) > _MOST_STAGES:
                raise FormatError(f"{source.name}: more than {_MOST_STAGES:,} stages")
    return found


def _stage(row: Mapping[str, Any], options: TableOptions) -> tuple[str, Stage]:
    name = text_of(row["stage"]).strip()
    if not name:
        raise BadRow("stage", "a stage has no name")
    level = _number(row, "service_level", options)
    if level is not None and not 0.5 <= level < 1:
        raise BadRow(
            "service_level", f"service_level: expected 0.5 or more and less than 1, got {level:g}"
        )
    sources = text_of(row.get("sources", "")).split(";")
    days = _number(row, "days", options)
    longest = _number(row, "longest_service", options)
    for column, value in (("days", days), ("longest_service", longest)):
        if value is not None and value != int(value):
            raise BadRow(column, f"{column}: expected whole days, got {value:g}")
    if days is None or (cost := _number(row, "cost", options)) is None:
        raise BadRow("days", f"{name!r} needs days and cost")
    sd = _number(row, "sd", options)
    return name, Stage(
        days=int(days),
        cost=cost,
        sd=math.nan if sd is None else sd,
        z=float(ndtri(_LEVEL if level is None else level)),
        sources=tuple(one.strip() for one in sources if one.strip()),
        longest_service=None if longest is None else int(longest),
    )


def _number(row: Mapping[str, Any], column: str, options: TableOptions) -> float | None:
    cell = row.get(column)
    if cell is None or not text_of(cell).strip():
        return None
    value = float(number_of(cell, options.decimal, column))
    if value < 0:
        raise BadRow(column, f"{column}: expected 0 or more, got {value:g}")
    return value


def _with_demand(stages: dict[str, Stage]) -> dict[str, Stage]:
    """Give a stage without a spread of its own that of all it feeds, and what feeds nothing a promise to deliver at once."""
    feeds: dict[str, list[str]] = {name: [] for name in stages}
    for name, stage in stages.items():
        for source in stage.sources:
            feeds.setdefault(source, []).append(name)
    known: dict[str, float] = {}

    def sd_of(name: str, below: tuple[str, ...]) -> float:
        if name in below:
            raise FormatError(f"goods go round in a circle by {name!r}")
        if name not in known:
            own = stages[name].sd
            if math.isnan(own):
                if not feeds[name]:
                    raise FormatError(
                        f"{name!r} feeds nothing: it needs the sd of its daily demand"
                    )
                own = math.hypot(*(sd_of(one, (*below, name)) for one in feeds[name]))
            known[name] = own
        return known[name]

    return {
        name: stage._replace(
            sd=sd_of(name, ()),
            longest_service=0
            if not feeds[name] and stage.longest_service is None
            else stage.longest_service,
        )
        for name, stage in stages.items()
    }
