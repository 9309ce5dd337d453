"""`andon readiness`: where each item stands between shadow and live, and what is missing for the next rung."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from andon.cli.support import study_options as inputs
from andon.cli.support.options import AsJson
from andon.cli.support.output import print_json, stdout, table
from andon.cli.support.table_options import tabular
from andon.connect.tables.options import TableOptions
from andon.planning.backtest.comparators import Rival
from andon.planning.backtest.evidence import Tally, added, tallies
from andon.planning.backtest.history import Batch, History
from andon.planning.decision.stage import STAGES, Standing, standing
from andon.planning.policy.policy import usual_source
from andon.schemas.common import item_key
from andon.schemas.items import Stage
from andon.streams.errors import UserError
from andon.studies.deliveries import read_lead_times, taken_by
from andon.studies.files import Assumed
from andon.studies.records import records

_BATCH: Final = 40
#: A delivery this much later than its lead time is on time, and a count this far off is right.
_LATE_DAYS: Final = 0.5
_RIGHT_SHARE: Final = 0.1
_By = Literal["item", "location", "class", "supplier"]


@tabular
def readiness(
    sales: inputs.SalesFile,
    form: inputs.Form = "sales",
    grain: inputs.Grain = None,
    items: inputs.Items = None,
    shipments: inputs.Shipments = None,
    counts: Annotated[
        Path | None,
        typer.Option(
            "--counts",
            help="Past cycle counts as CSV: location, sku, expected, counted.",
            rich_help_panel="Input",
        ),
    ] = None,
    location: inputs.LocationName = "all",
    most: inputs.Most = None,
    warm_up: inputs.WarmUp = None,
    seed: inputs.Seed = 1,
    lead_time: inputs.LeadTimeDays = 7.0,
    present: Annotated[
        Rival, typer.Option("--present", help="How the items are ordered at present.")
    ] = "moving average",
    stage: Annotated[
        Stage, typer.Option("--stage", help="Of items whose master data do not say it.")
    ] = "shadow",
    by: Annotated[_By, typer.Option("--by", help="Judge items, or groups of them.")] = "item",
    as_json: AsJson = False,
    *,
    options: TableOptions,
) -> None:
    """Print the ladder from shadow over pilot to live, and what each item or group lacks for the next rung.

    The evidence: forecasts of the protection interval against what came, what following the alerts would have done
    beside the present way (both simulated on the sales), the suppliers' past deliveries, and past counts.

    Examples:

        andon readiness sales.csv --items items.csv --shipments orders.csv --counts counts.csv

        andon readiness sales.csv --by location --json
    """
    chosen = inputs.choose(
        sales,
        options=options,
        form=form,
        grain=grain,
        location=location,
        items=items,
        shipments=shipments,
        most=most,
        assumed=Assumed(lead_time_days=lead_time, stage=stage),
        warm_up=warm_up,
        settle=14,
        review=None,
        backorders=False,
        seed=seed,
    )
    found: list[Tally] = []
    study = chosen.study
    with inputs.progress() as bar:
        task = bar.add_task("items", total=len(chosen.histories))
        for place in range(0, len(chosen.histories), _BATCH):
            part = chosen.histories[place : place + _BATCH]
            batch = Batch(part, study.conditions, study.first_day, study.last_day)
            found += tallies(batch, present)
            bar.advance(task, len(part))
    _add_deliveries(found, chosen.histories, shipments)
    _add_counts(found, chosen.histories, counts)
    ladder = _ladder(found, chosen.histories, by)
    if as_json:
        print_json(ladder)
    else:
        _show(ladder, by)


def _add_deliveries(found: list[Tally], histories: list[History], shipments: Path | None) -> None:
    """Count the deliveries of each item that took no longer than the master data say.

    Where no order of its supplier names an item, they are those of the supplier.
    """
    lead_times = read_lead_times(shipments) if shipments is not None else {}
    for tally, history in zip(found, histories, strict=True):
        source = usual_source(history.item)
        taken = lead_times.get(source.origin, [])
        if any(one.sku for one in taken):
            taken = taken_by(history.item, taken)
        tally.deliveries = len(taken)
        tally.on_time = sum(one.days <= source.lead_time_days + _LATE_DAYS for one in taken)


def _add_counts(found: list[Tally], histories: list[History], counts: Path | None) -> None:
    if counts is None:
        return
    places = {history.key: tally for history, tally in zip(histories, found, strict=True)}
    for line, row in records(counts):
        try:
            key = item_key(row["location"], row["sku"])
            expected, counted = float(row["expected"]), float(row["counted"])
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{counts}: line {line}: {error}: location, sku, expected and counted are needed"
            raise UserError(msg) from error
        tally = places.get(key)
        if tally is not None:
            tally.counts += 1
            tally.counts_right += abs(counted - expected) <= max(_RIGHT_SHARE * abs(expected), 1.0)


def _ladder(found: list[Tally], histories: list[History], by: _By) -> list[dict[str, Any]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, history in enumerate(histories):
        item = history.item
        names = {
            "item": history.key,
            "location": item.location,
            "class": item.service_class,
            "supplier": usual_source(item).origin,
        }
        groups[names[by]].append(place)
    rows = []
    for name, members in sorted(groups.items()):
        # A group stands where its lowest item does.
        lowest = min((histories[place].item.stage for place in members), key=STAGES.index)
        evidence = added(found[place] for place in members).evidence()
        rows.append(_row(name, len(members), standing(lowest, evidence), evidence))
    return rows


def _row(name: str, items: int, stands: Standing, evidence: Any) -> dict[str, Any]:
    return {
        "name": name,
        "items": items,
        "stage": stands.stage,
        "next": stands.following,
        "ready": stands.is_ready,
        "missing": list(stands.missing),
        "evidence": vars(evidence),
    }


def _show_alerts(ladder: list[dict[str, Any]]) -> None:
    """Print what became of the stock-out alerts."""
    came, idle, overtaken = (
        sum(row["evidence"][f"alerts_{outcome}"] for row in ladder)
        for outcome in ("true", "false", "overtaken")
    )
    if came + idle + overtaken:
        share = f", {came / (came + idle):.0%} of those that are known" if came + idle else ""
        stdout().print(
            f"\nstock-out alerts: {came:,} came true and {idle:,} did not{share}; "
            f"{overtaken:,} were overtaken by a receipt or an order"
        )


def _show(ladder: list[dict[str, Any]], by: _By) -> None:
    console = stdout()
    made = table(
        "From shadow to live", by, "items#", "stage", "next", "forecast error#", "naive#", "within quantile#",
        "on time#", "book right#", "fill rate#", "at present#", "missing for the next rung",
    )  # fmt: skip
    for row in ladder:
        shown = row["evidence"]
        made.add_row(
            row["name"],
            str(row["items"]),
            row["stage"],
            row["next"] or "",
            *(
                "-" if shown[name] is None else f"{shown[name]:.1%}"
                for name in (
                    *("wape", "naive_wape", "coverage", "punctuality", "count_accuracy"),
                    *("fill_rate", "fill_rate_before"),
                )
            ),
            "; ".join(row["missing"])
            or ("nothing: it may go on" if row["next"] else "it is at the top"),
        )
    console.print(made)
    _show_alerts(ladder)
    ready = Counter((row["stage"], row["ready"]) for row in ladder)
    console.print()
    for stage in STAGES:
        count = ready[stage, True] + ready[stage, False]
        if count:
            console.print(
                f"{stage}: {count}, of which {ready[stage, True]} are ready for the next rung"
            )
