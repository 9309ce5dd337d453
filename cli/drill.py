"""`andon drill`: what would run out, when, and at what cost, if a supplier failed or a port closed now."""

import asyncio
from typing import Annotated, Any, Final, get_args

import msgspec
import typer
from rich.table import Table

from andon.cli.support.duration import duration
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stdout, table
from andon.planning.alerting.sentences import moment, money, plain
from andon.planning.decision.drill import Casualty, Report
from andon.planning.supply.disruption import Disruption
from andon.schemas.common import utc
from andon.schemas.delays import ScopeType
from andon.streams.clients import consumer, present
from andon.streams.errors import UserError
from andon.streams.settings import Settings

_SCOPES: Final[tuple[str, ...]] = tuple(name for name in get_args(ScopeType) if name != "shipment")
_DAY: Final = 86400.0
_NAME: Final = "drill"
_PATIENCE_SECONDS: Final = 300.0


def parse_scope(text: str) -> tuple[str, str]:
    """Return type and name of a scope such as `supplier:ACME`.

    Raises:
        UserError: it is none.
    """
    kind, _, name = text.partition(":")
    if kind not in _SCOPES or not name:
        msg = f"--scope {text}: expected one of {', '.join(f'{one}:NAME' for one in _SCOPES)}"
        raise UserError(msg)
    return kind, name


@connected
def drill(
    scope: Annotated[
        str, typer.Option(metavar="TYPE:NAME", help=f"What fails: {', '.join(_SCOPES)}.")
    ],
    for_: Annotated[
        float, typer.Option("--for", metavar="TIME", parser=duration, help="For how long: 14d, ...")
    ],
    severity: Annotated[
        float,
        typer.Option(min=0, max=1, help="The share of what goes through it that stands still."),
    ] = 1.0,
    top: Annotated[int, typer.Option(min=1, help="So many items are listed.")] = 20,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Play a made-up disruption through a copy of the live state: what runs out when, its cost, what the ways out save.

    Reads the state, the scorecards and what locations can spare; publishes nothing.

    Examples:

        andon drill --scope supplier:ACME --for 14d

        andon drill --scope lane:ROTTERDAM --for 7d --severity 0.5 --json | jq .cost
    """
    kind, name = parse_scope(scope)
    report, now = run_drill(settings, kind, name, for_, severity)
    if as_json:
        print_json(as_record(report, scope, now, for_, top))
        return
    out = stdout()
    out.print(headline(report, scope, for_))
    if report.casualties:
        out.print(listed(report.casualties[:top]))


def run_drill(
    settings: Settings, kind: str, name: str, seconds: float, severity: float = 1.0
) -> tuple[Report, float]:
    """Return what a disruption of a scope would do now, and the moment of the snapshot (seconds since 1970).

    Raises:
        UserError: there is no state yet.
    """
    # The agents take a second to load, and most commands do without them.
    from andon.agents.context import Context, rules_of  # noqa: PLC0415
    from andon.agents.shipments import delay_multiplier_of  # noqa: PLC0415
    from andon.agents.snapshot import read_snapshot  # noqa: PLC0415
    from andon.agents.tables import BOOKS, SHIPMENTS  # noqa: PLC0415
    from andon.planning.decision.drill import drill as play  # noqa: PLC0415
    from andon.planning.decision.network import TransferTerms  # noqa: PLC0415
    from andon.streams.metrics import Metrics  # noqa: PLC0415
    from andon.streams.topics import topic_name  # noqa: PLC0415

    terms = TransferTerms(settings.transfer_days, settings.transfer_cost_rate)
    context = Context(rules_of(settings), Metrics(), transfers=terms)
    client = consumer(settings, ("scorecards", "surplus", "state"), from_start=True)
    try:
        state = {one for one in client.assignment() if one.topic == topic_name(settings, "state")}
        client.assign(client.assignment() - state)
        client.seek_to_beginning()
        for record in present(client):
            if record.key is not None:
                cards = record.topic == topic_name(settings, "scorecards")
                (context.scorecards if cards else context.surpluses).learn(record.key, record.value)
    finally:
        client.close()
    try:
        reading = read_snapshot(settings, sorted(one.partition for one in state))
        snapshot = asyncio.run(asyncio.wait_for(reading, _PATIENCE_SECONDS))
    except TimeoutError as error:
        msg = f"the state was not read within {_PATIENCE_SECONDS:.0f} s: is {settings.broker} up?"
        raise UserError(msg) from error
    books: dict[str, Any] = snapshot.records(BOOKS)
    if not books:
        msg = f"no state in {topic_name(settings, 'state')} yet: a drill needs a worker's books"
        raise UserError(msg)
    now = snapshot.at
    shard = snapshot.shards[0]  # what is told of suppliers and locations is the same in all
    made_up = Disruption(
        delay_id=_NAME,
        scope=kind,
        name=name,
        at=now,
        starts=now,
        ends=now + seconds,
        since=now,
        severity=severity,
        reason="drill",
    )
    known = snapshot.disruptions
    shipments: dict[str, Any] = snapshot.records(SHIPMENTS)
    report = play(
        books,
        shipments.values(),
        made_up,
        now,
        normal=context.supply(known, shard),
        disrupted=context.supply({**known, _NAME: made_up}, shard),
        delay_multiplier_of=lambda shipment: delay_multiplier_of(context.scorecards, shipment),
    )
    return report, now


def as_record(report: Report, scope: str, now: float, seconds: float, top: int) -> dict[str, Any]:
    """Return a report for scripts; dates as RFC 3339."""
    found: dict[str, Any] = msgspec.to_builtins(report)
    found["scope"], found["days"], found["at"] = scope, seconds / _DAY, utc(now)
    found["casualties"] = found["casualties"][:top]
    for one in found["casualties"]:
        if one["stockout_p50"] is not None:
            one["stockout_p50"] = utc(one["stockout_p50"])
    return found


def headline(report: Report, scope: str, seconds: float) -> str:
    """Return a report in two sentences."""
    days = f"{seconds / _DAY:g} days"
    text = (
        f"Drill: {scope} out for {days} holds up {plain(report.shipments, 'shipment')} with "
        f"{plain(report.lines, 'line')} and touches {plain(report.items, 'item')}; "
        f"{report.runs_out or 'none'} of them would run out."
    )
    if report.cost:
        cost = " and ".join(money(value, currency) for currency, value in report.cost.items())
        saves = " and ".join(money(value, currency) for currency, value in report.saves.items())
        text += f" Doing nothing would cost {cost}; the best ways out would save {saves} of it."
    return text + " Nothing was published."


def listed(casualties: list[Casualty]) -> Table:
    """Return the items as a table."""
    made = table(
        "", "item", "class", "on hand#", "runs out", "short#", "cost#", "best way out", "saves#"
    )
    for one in casualties:
        made.add_row(
            f"{one.location}/{one.sku}",
            one.service_class,
            f"{one.on_hand:,}",
            moment(one.stockout_p50) if one.stockout_p50 is not None else "perhaps",
            f"{one.short_units:,.0f}",
            money(one.cost, one.currency),
            one.alternatives[0].why,
            money(one.saves, one.currency),
        )
    return made
