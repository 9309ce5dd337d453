"""What the site of the documents has besides docs/: README, changelog and house rules, and a reference made from the code.

mkdocs calls the functions whose names begin with `on_`; see mkdocs.yml.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import typer.main
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from prometheus_client import CollectorRegistry
from typer.cli import get_docs_for_click

from andon.cli.main import app
from andon.streams.metrics import Metrics
from andon.streams.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
#: Documents outside docs/ that have a page, by their path from the root.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "tests/cases/README.md": "cases.md",
}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not in docs/."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text()))
    for name, text in (("commands", commands()), ("settings", settings()), ("metrics", metrics())):
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_: object) -> str:
    """Lead links to where the site has what they name; what it has not is a name alone."""
    at = {page: source for source, page in PAGES.items()}.get(
        page.file.src_uri, f"docs/{page.file.src_uri}"
    )

    def led(match: re.Match[str]) -> str:
        picture, text, path, anchor = match.groups()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(at), path))
        page_there = PAGES.get(target, target.removeprefix("docs/"))
        if files.get_file_from_path(page_there) is None:
            return f"`{target}`" if text == target else f"{text} (`{target}`)"
        here = posixpath.dirname(page.file.src_uri)
        return f"{picture}[{text}]({posixpath.relpath(page_there, here or '.')}{anchor or ''})"

    return _LINK.sub(led, markdown)


def commands() -> str:
    """Return what every command's --help says."""
    command = typer.main.get_command(app)
    text = get_docs_for_click(
        obj=command, ctx=typer.Context(command, info_name="andon"), name="andon"
    )
    text = re.sub(r"\[bold\](.+?)\[/\]", r"`\1`", text)  # the one markup of the terminal's in use
    return text.replace("# `andon`", "# Commands", 1)


def settings() -> str:
    """Return a table of all settings."""
    rows = [
        f"| `ANDON_{name.upper()}` | {_cell(field.description or '')} | {_default(field.default)} |"
        for name, field in Settings.model_fields.items()
    ]
    head = "By environment, or without `ANDON_` and in small letters in `andon.toml`; see [Running Andon](../deployment.md)."
    return "\n".join(
        [
            "# Settings",
            "",
            head,
            "",
            "| setting | what it is | default |",
            "| --- | --- | --- |",
            *rows,
        ]
    )


def metrics() -> str:
    """Return a table of a worker's metrics."""
    rows = [
        f"| `{name}` | {kind} | {_cell(said)} |"
        for name, kind, said in sorted(_collected(Metrics().registry))
    ]
    head = "What a worker tells Prometheus at `/metrics`; [Watching Andon](../monitoring.md) shows what to look at."
    return "\n".join(
        ["# Metrics", "", head, "", "| metric | kind | what it is |", "| --- | --- | --- |", *rows]
    )


def _collected(registry: CollectorRegistry) -> Iterator[tuple[str, str, str]]:
    for metric in registry.collect():
        yield (
            metric.name + ("_total" if metric.type == "counter" else ""),
            metric.type,
            metric.documentation,
        )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _default(value: object) -> str:
    return "" if value is None or repr(value) == "PydanticUndefined" else f"`{value}`"
