"""Write the dashboards, the runbook's page and the list of metrics: `make dashboards`, or see whether they are current with --check.

Run: python grafana/source/generate.py [--check]
"""

import itertools
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from markdown_it import MarkdownIt

import forecast_quality
import pipeline_health
import supply_risk
from andon.agents.forecaster import ForecasterMetrics
from andon.streams.metrics import Metrics, described

GRAFANA = Path(__file__).resolve().parents[1]
BOARDS = {
    "supply-risk": supply_risk,
    "forecast-quality": forecast_quality,
    "pipeline-health": pipeline_health,
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Andon: runbook</title>
<style>body {{ font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em }}
code, pre {{ background: #eee; padding: 0 .2em }} :target {{ background: #fd6 }}</style></head>
<body>
{body}</body></html>
"""


def anchor(heading: str) -> str:
    """Return the anchor that a Markdown heading gets where Markdown is shown."""
    kept = "".join(one for one in heading.lower() if one.isalnum() or one in " -_")
    return kept.replace(" ", "-")


def page(markdown: str) -> str:
    """Return the runbook as a page whose headings can be linked to."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    for token, following in itertools.pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(following.content))
    parser = MarkdownIt("commonmark").enable("table")
    return _PAGE.format(body=parser.renderer.render(tokens, parser.options, {}))


def with_metrics(text: str) -> str:
    """Return the guide with the list of all metrics."""
    head, begin, rest = text.partition("<!-- metrics: written by `make dashboards` -->\n")
    _, end, tail = rest.partition("<!-- /metrics -->")
    rows = [
        f"| `{one.name}` | {one.type} | {', '.join(f'`{label}`' for label in one.labels)} | {one.help} |"
        for one in (*Metrics().described(), *described(ForecasterMetrics()))
    ]
    table = "\n".join(["| metric | type | labels | meaning |", "| --- | --- | --- | --- |", *rows])
    return f"{head}{begin}\n{table}\n\n{end}{tail}"


def made() -> dict[Path, str]:
    """Return every file that is made, with its text."""
    files = {
        GRAFANA / "dashboards" / f"{name}.json": JSONEncoder(sort_keys=True, indent=2).encode(
            module.build()
        )
        + "\n"
        for name, module in BOARDS.items()
    }
    runbook = GRAFANA.parent / "docs" / "runbook.md"
    files[GRAFANA / "runbook.html"] = page(runbook.read_text(encoding="utf-8"))
    guide = GRAFANA.parent / "docs" / "monitoring.md"
    files[guide] = with_metrics(guide.read_text(encoding="utf-8"))
    return files


def main() -> int:
    """Write what is not current, or only say so."""
    stale = [
        path
        for path, text in made().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(GRAFANA.parent)} is not current: make dashboards")
        return 1 if stale else 0
    for path in stale:
        path.write_text(made()[path], encoding="utf-8")
        print(f"wrote {path.relative_to(GRAFANA.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
