"""Every command that a document shows exists, with every option that it is shown with."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer._click.exceptions import NoSuchOption, UsageError  # typer has a click of its own

from andon.cli.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
#: A command in a block or in backticks, after variables that are set for it.
COMMAND = re.compile(r"(?:^|`)(?:[A-Z_]+=\S+ )*andon +([a-z-][^`\n|#]*)", re.MULTILINE)


def commands():
    found = {
        (path.name, match[1].strip(" .,;:"))
        for path in DOCUMENTS
        for match in COMMAND.finditer(path.read_text(encoding="utf-8"))
    }
    return sorted(found)


def wrong_about(words):
    """Return what does not exist of a command line, or None."""
    command = typer.main.get_command(app)
    context = None
    while True:
        context = command.context_class(command, info_name="andon", parent=context)
        try:
            command.parse_args(context, list(words))
        except NoSuchOption as error:
            return str(error)
        except UsageError:
            # A value that is left out in prose, or stands for one, is no fault of the document.
            return None
        if not hasattr(command, "commands"):
            return None
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        if not rest:
            return None
        if rest[0] not in command.commands:
            return f"no such command: {rest[0]}"
        command, words = command.commands[rest[0]], rest[1:]


def test_there_are_documented_commands():
    assert len(commands()) > 30


@pytest.mark.parametrize(("document", "line"), commands())
def test_a_documented_command_exists(document, line):
    # What a sentence joins by a bar is an alternative of each.
    words = shlex.split(line.replace("...", "").replace("[", "").replace("]", ""))
    assert wrong_about(words) is None, document


@pytest.mark.parametrize(
    "line", ["topics make", "topics create --replicas 3", "nonsense", "worker --twice"]
)
def test_what_does_not_exist_is_found(line):
    assert wrong_about(line.split()) is not None
