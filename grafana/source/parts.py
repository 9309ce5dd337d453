"""What the dashboards are made of: panels that state their unit, what is red, what to do then, and where that is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    timeseries,
)
from grafana_foundation_sdk.models import common as styles
from grafana_foundation_sdk.models import dashboard as models

#: Every query asks the data source that the dashboard's variable names.
DATASOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
#: Where Compose's Grafana serves docs/runbook.md, as a page that generate.py makes of it.
RUNBOOK: Final = "/public/andon/runbook.html"

Kind = Literal["stat", "bars", "lines", "stack"]
#: Values from which a panel is another colour; the first has none.
Steps = Sequence[tuple[str, float | None]]

PLAIN: Steps = (("green", None),)
WIDTH: Final = {"stat": 4, "bars": 8, "lines": 12, "stack": 12}
HEIGHT: Final = {"stat": 4, "bars": 7, "lines": 8, "stack": 8}


def rising(orange: float, red: float) -> Steps:
    """Return thresholds of something that is bad when it is much."""
    return (("green", None), ("orange", orange), ("red", red))


def falling(red: float, orange: float) -> Steps:
    """Return thresholds of something that is bad when it is little: red below the first, orange below the second."""
    return (("red", None), ("orange", red), ("green", orange))


@dataclass(frozen=True)
class Panel:
    """One panel.

    `says` is what it shows, `red` what to do when it is red (or, without colours, when it looks wrong), `runbook` the
    heading of docs/runbook.md that tells more, `empty` what is shown when there is nothing.
    """

    title: str
    kind: Kind
    unit: str
    queries: dict[str, str]
    says: str
    red: str
    runbook: str
    steps: Steps = PLAIN
    empty: str = "nothing yet"
    decimals: int | None = None
    most: float | None = None
    least: float | None = 0
    width: int | None = None
    #: Where a click on a series leads to, and what that is called.
    leads_to: tuple[str, str] | None = None

    def build(self, number: int, x: int, y: int) -> Any:
        """Return the builder of the panel at a place of the grid."""
        builders = {"stat": _stat, "bars": _bars, "lines": _lines, "stack": _stack}
        panel = builders[self.kind](self)
        panel.id(number).title(self.title).unit(self.unit).datasource(DATASOURCE)
        panel.description(f"{self.says}\n\n**When it is red:** {self.red}")
        panel.no_value(self.empty)
        panel.grid_pos(models.GridPos(h=self.high, w=self.wide, x=x, y=y))
        panel.thresholds(
            dashboard.ThresholdsConfig()
            .mode(models.ThresholdsMode.ABSOLUTE)
            .steps([models.Threshold(color=color, value=value) for color, value in self.steps])
        )
        link = dashboard.DashboardLink("Runbook").url(f"${{runbook}}#{self.runbook}")
        panel.links([link.type(models.DashboardLinkType.LINK).target_blank(True)])
        if self.leads_to is not None:
            title, url = self.leads_to
            panel.data_links([dashboard.DashboardLink(title).url(url).target_blank(True)])
        if self.least is not None:
            panel.min(self.least)
        if self.most is not None:
            panel.max(self.most)
        if self.decimals is not None:
            panel.decimals(self.decimals)
        for letter, (legend, expression) in zip("ABCDEF", self.queries.items(), strict=False):
            query = prometheus.Dataquery().expr(expression).legend_format(legend)
            query.ref_id(letter).datasource(DATASOURCE)
            panel.with_target(query.range() if self.kind in ("lines", "stack") else query.instant())
        return panel

    @property
    def wide(self) -> int:
        """Columns of the grid's 24."""
        return self.width or WIDTH[self.kind]

    @property
    def high(self) -> int:
        """Rows of the grid."""
        return HEIGHT[self.kind]


def _stat(panel: Panel) -> Any:
    last = common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)
    made = stat.Panel().reduce_options(last).graph_mode(styles.BigValueGraphMode.NONE)
    made.color_scheme(_by_thresholds())
    return made.color_mode(
        styles.BigValueColorMode.BACKGROUND
        if len(panel.steps) > 1
        else styles.BigValueColorMode.VALUE
    )


def _bars(panel: Panel) -> Any:
    del panel
    last = common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)
    made = bargauge.Panel().reduce_options(last).orientation(styles.VizOrientation.HORIZONTAL)
    made.color_scheme(_by_thresholds())
    return made.display_mode(styles.BarGaugeDisplayMode.BASIC).show_unfilled(True)


def _lines(panel: Panel) -> Any:
    made = timeseries.Panel().line_width(1).fill_opacity(8)
    made.show_points(styles.VisibilityMode.NEVER)
    made.legend(
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(styles.LegendDisplayMode.LIST)
        .placement(styles.LegendPlacement.BOTTOM)
    )
    made.tooltip(common.VizTooltipOptions().mode(styles.TooltipDisplayMode.MULTI))
    if len(panel.steps) > 1:
        made.thresholds_style(
            common.GraphThresholdsStyleConfig().mode(styles.GraphThresholdsStyleMode.DASHED)
        )
    return made


def _stack(panel: Panel) -> Any:
    stacked = common.StackingConfig().mode(styles.StackingMode.NORMAL)
    return _lines(panel).fill_opacity(40).stacking(stacked)


def _by_thresholds() -> Any:
    return dashboard.FieldColor().mode(models.FieldColorModeId.THRESHOLDS)


def choice(name: str, label: str, query: str) -> Any:
    """Return a variable whose values are asked of Prometheus; all of them at first."""
    made = dashboard.QueryVariable(name).label(label).query({"query": query, "refId": name})
    made.datasource(DATASOURCE).refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
    made.sort(models.VariableSort.ALPHABETICAL_ASC).multi(True).include_all(True).all_value(".*")
    return made.current(models.VariableOption(text="All", value="$__all"))


def window() -> Any:
    """Return the variable that says over how long shares and sums are taken."""
    made = dashboard.IntervalVariable("window").label("Over").values("15m,1h,6h,1d,7d,28d")
    made.description("Over how long shares and sums are taken.")
    return made.current(models.VariableOption(text="1d", value="1d"))


def board(
    uid: str,
    title: str,
    description: str,
    variables: Iterable[Any],
    rows: dict[str, Sequence[Panel]],
) -> models.Dashboard:
    """Return a dashboard with its rows of panels laid out from left to right."""
    made = dashboard.Dashboard(title).uid(uid).description(description).tags(["andon"])
    made.readonly().refresh("10s").time("now-1h", "now").timezone("browser").version(1)
    made.tooltip(models.DashboardCursorSync.CROSSHAIR)
    others = dashboard.DashboardLink("Andon").type(models.DashboardLinkType.DASHBOARDS)
    made.link(others.tags(["andon"]).include_vars(True).keep_time(True).icon("external link"))
    made.with_variable(
        dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
    )
    made.with_variable(dashboard.ConstantVariable("runbook").value(RUNBOOK))
    for variable in variables:
        made.with_variable(variable)
    number, y = 1, 0
    for name, panels in rows.items():
        made.with_row(dashboard.Row(name).id(number).grid_pos(models.GridPos(h=1, w=24, x=0, y=y)))
        number, y, x, high = number + 1, y + 1, 0, 0
        for panel in panels:
            if x + panel.wide > 24:
                x, y, high = 0, y + high, 0
            made.with_panel(panel.build(number, x, y))
            number, x, high = number + 1, x + panel.wide, max(high, panel.high)
        y += high
    return made.build()
