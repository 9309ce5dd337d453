"""Dashboards, rules and runbook: current, linked, complete, and asking only for what workers export."""

import json
import re
import subprocess
import sys
from pathlib import Path

import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from support.monitoring import filled

from andon.agents.forecaster import ForecasterMetrics
from andon.streams.metrics import Metrics, described

EXPORTED = (*Metrics().described(), *described(ForecasterMetrics()))
ROOT = Path(__file__).parent.parent
GRAFANA = ROOT / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
GROUPS = yaml.safe_load((GRAFANA / "prometheus" / "rules.yml").read_text())["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {
    rule["record"]: set(re.findall(r"by \(([^)]*)\)", rule["expr"])[:1])
    for rule in RULES
    if "record" in rule
}
HEADINGS = re.findall(r"^#+ (.+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
ANCHORS = {
    "".join(c for c in heading.lower() if c.isalnum() or c in " -_").replace(" ", "-")
    for heading in HEADINGS
}
#: Units of Grafana that we use; anything else is a slip.
UNITS = {"short", "percentunit", "s", "d", "bytes"}

dashboards = pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
alert_rules = pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])


def panels(path, *, rows=False):
    found = json.loads(path.read_text())["panels"]
    return [panel for panel in found if rows or panel["type"] != "row"]


every_panel = pytest.mark.parametrize(
    "panel",
    [panel for path in DASHBOARDS for panel in panels(path)],
    ids=[f"{path.stem}: {panel['title']}" for path in DASHBOARDS for panel in panels(path)],
)


def exported():
    """Return every series there is, with its labels: the workers', Prometheus' own of a target, and recorded ones."""
    process = {"process_resident_memory_bytes", "process_cpu_seconds_total"}
    series = {name: {"job", "instance"} for name in ("up", *process)}
    for name, by in RECORDED.items():
        series[name] = {label for group in by for label in re.split(r",\s*", group)}
    for metric in EXPORTED:
        labels = {*metric.labels, "job", "instance"}
        if metric.type == "histogram":
            series[f"{metric.name}_bucket"] = labels | {"le"}
            series[f"{metric.name}_sum"] = series[f"{metric.name}_count"] = labels
        else:
            series[metric.name] = labels
    return series


SERIES = exported()
NAME = r"\b(?:up|process_[a-z_]+|(?:[a-z_]+:)?andon[a-z_]*(?::[a-z0-9_]+)*)\b"


def faults(expression):
    """Return what is wrong with an expression: its syntax, or series and labels that do not exist."""
    text = filled(expression)
    try:
        promql_parser.parse(text)
    except ValueError as error:
        return [str(error)]
    bare = re.sub(r'"[^"]*"', '""', text)
    found = re.findall(rf"({NAME})(?:{{([^}}]*)}})?", bare)
    wrong = [f"no series {name}" for name, _ in found if name not in SERIES]
    labels = set().union(*(SERIES.get(name, set()) for name, _ in found))
    for group in re.findall(r"\bby \(([^)]*)\)", bare):
        wrong += [f"no label {label}" for label in re.split(r",\s*", group) if label not in labels]
    for name, matchers in found:
        for label in re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", matchers):
            if label not in SERIES.get(name, {label}):
                wrong.append(f"{name} has no label {label}")
    return wrong


def test_the_dashboards_the_runbooks_page_and_the_list_of_metrics_are_what_the_generator_makes():
    done = subprocess.run(
        [sys.executable, GRAFANA / "source" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_is_listed_with_its_meaning_and_every_dashboard_is_shown():
    guide = (ROOT / "docs" / "monitoring.md").read_text()
    rows = {row.split("`")[1]: row for row in guide.splitlines() if row.startswith("| `andon_")}
    for metric in EXPORTED:
        assert metric.help in rows[metric.name]
    assert set(rows) == {metric.name for metric in EXPORTED}
    for path in DASHBOARDS:
        assert f"images/{path.stem}.png" in guide
        assert (ROOT / "docs" / "images" / f"{path.stem}.png").is_file()


def test_there_are_three_dashboards():
    assert [path.stem for path in DASHBOARDS] == [
        "forecast-quality",
        "pipeline-health",
        "supply-risk",
    ]


@dashboards
def test_a_dashboard_holds_nothing_that_grafanas_schema_does_not_know(path):
    register_default_plugins()
    given = json.loads(path.read_text())
    understood = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(given)))
    assert understood == given


def test_what_grafanas_schema_does_not_know_is_found():
    given = {"title": "x", "panels": [{"type": "timeseries", "titel": "y"}]}
    understood = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(given)))
    assert "titel" not in understood["panels"][0]


@dashboards
def test_a_dashboard_is_fixed_linked_to_the_others_and_takes_its_data_source_as_a_variable(path):
    dashboard = json.loads(path.read_text())
    variables = {one["name"]: one for one in dashboard["templating"]["list"]}
    ids = [panel["id"] for panel in panels(path, rows=True)]

    assert dashboard["uid"] == f"andon-{path.stem}"
    assert dashboard["editable"] is False
    assert dashboard["links"][0]["tags"] == dashboard["tags"] == ["andon"]
    assert variables["datasource"]["type"] == "datasource"
    assert len(set(ids)) == len(ids)
    for variable in variables.values():
        assert variable.get("datasource", {}).get("uid", "${datasource}") == "${datasource}"


def test_planners_choose_location_and_class():
    dashboard = json.loads((GRAFANA / "dashboards" / "supply-risk.json").read_text())
    assert {"location", "class", "window"} <= {
        one["name"] for one in dashboard["templating"]["list"]
    }


@every_panel
def test_a_panel_has_a_unit_and_thresholds_and_no_data_source_of_its_own(panel):
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"] in UNITS
    assert defaults["noValue"]
    assert defaults["thresholds"]["steps"][0]["value"] is None
    for holder in (panel, *panel["targets"]):
        assert holder["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@every_panel
def test_a_panel_says_what_to_do_and_links_to_the_runbook(panel):
    says, _, red = panel["description"].partition("\n\n**When it is red:** ")
    (link,) = panel["links"]
    base, _, anchor = link["url"].partition("#")
    assert says
    assert red
    assert base == "${runbook}"
    assert anchor in ANCHORS


def test_what_is_at_stake_leads_to_the_item_in_the_console():
    path = GRAFANA / "dashboards" / "supply-risk.json"
    (panel,) = (one for one in panels(path) if one["title"] == "Most at stake")
    (link,) = panel["fieldConfig"]["defaults"]["links"]
    assert link["url"].startswith("${console}/items/")
    assert "sku:percentencode" in link["url"]


@every_panel
def test_a_panel_asks_only_for_what_workers_export(panel):
    wrong = {target["expr"]: faults(target["expr"]) for target in panel["targets"]}
    assert {expression: found for expression, found in wrong.items() if found} == {}


@dashboards
def test_panels_do_not_overlap(path):
    cells = set()
    for panel in panels(path, rows=True):
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        own = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & own, panel["title"]
        cells |= own


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_only_for_what_workers_export(rule):
    assert faults(rule["expr"]) == []


@alert_rules
def test_an_alert_rule_is_identified_by_its_labels_and_explained_by_its_annotations(rule):
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}


@alert_rules
def test_an_alert_rule_links_to_its_own_heading_of_the_runbook(rule):
    address, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert address.endswith("/public/andon/runbook.html")
    assert anchor == rule["alert"].lower()
    assert anchor in ANCHORS


def test_every_alert_is_tested():
    text = "".join(path.read_text() for path in (ROOT / "tests" / "observability").glob("*.yml"))
    assert [rule["alert"] for rule in ALERTS if rule["alert"] not in text] == []


@pytest.mark.parametrize(
    "expression",
    [
        "sum(rate(andon_events_total[1m])",
        "sum(rate(andon_event_total[1m]))",
        "sum by (sku) (andon_alerts_open)",
        'andon_alerts_open{location="x"}',
        "histogram_quantile(0.9, sum by (le) (rate(andon_alerts_total[1m])))",
        "sum(location_class:andon_nothing:ratio)",
    ],
)
def test_a_wrong_expression_is_found(expression):
    assert faults(expression)
