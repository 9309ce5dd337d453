"""Every command that a document shows exists, with every option that it is shown with; what can be run is run."""

import gzip
import json
import re
import shlex
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
import typer
from support.command import andon
from typer._click.exceptions import NoSuchOption, UsageError  # typer has a click of its own

from andon.cli.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "tests" / "cases" / "README.md",
    *sorted((ROOT / "docs").glob("**/*.md")),
]
#: A command in a block, with its prompt or without, or in backticks, after variables that are set for it.
COMMAND = re.compile(r"(?:^(?:\$ )?|`)(?:[A-Z_]+=\S+ )*andon +([a-z-][^`\n|#]*)", re.MULTILINE)


def commands():
    found = {
        (path.name, match[1].strip(" .,;:"))
        for path in DOCUMENTS
        for match in COMMAND.finditer(path.read_text(encoding="utf-8").replace("\\\n", " "))
    }
    return sorted(found)


#: A line of a block for the shell, and the block.
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
#: What needs no broker, no worker and no receiver.
OFFLINE = {"backtest", "whatif", "readiness", "rehearse", "schemas", "tour"}

#: What does its work while it is read: it is only looked for.
AT_ONCE = {"--install-completion", "--show-completion"}

#: What asks a person, and waits.
ASKS = ("tour",)


def shell_lines():
    """Return the words of each command of ours in a block for the shell, with the document that shows it."""
    found = set()
    for path in DOCUMENTS:
        for block in BLOCK.findall(path.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                    del words[0]
                if words and words[0] == "andon":
                    found.add((path.name, tuple(words[1:])))
    return sorted(found)


def wrong_about(words, *, whole=False):
    """Return what does not exist of a command line, or None; of a `whole` one also what it lacks."""
    command = typer.main.get_command(app)
    if words and words[0] in AT_ONCE:
        known = any(words[0] in parameter.opts for parameter in command.params)
        return None if known else f"no such option: {words[0]}"
    context = None
    while True:
        context = command.context_class(command, info_name="andon", parent=context)
        try:
            command.parse_args(context, list(words))
        except NoSuchOption as error:
            return str(error)
        except UsageError as error:
            # A file that is not on this machine is no fault of the document either.
            if whole and "does not exist" not in error.format_message():
                return error.format_message()
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
    assert len(shell_lines()) > 10


@pytest.mark.parametrize(("document", "words"), shell_lines())
def test_a_command_of_a_shell_block_is_whole(document, words):
    assert wrong_about(words, whole=True) is None, document


def sales_text(days=130):
    rows = ["date,location,sku,quantity,price"]
    for day in range(days):
        on = date(2026, 1, 1) + timedelta(day)
        rows += [f"{on},store-1,TEA-0{number},{3 + (day * number) % 4},2.5" for number in (1, 2)]
    return "\n".join(rows) + "\n"


#: The files that documented commands name.
FAULT = (
    '{"family": "stock", "event": {"occurred_at": "2026-03-02T06:00:00Z", "location": "store-3",'
    ' "sku": "TEA-01", "kind": "count", "quantity": 40}}\n'
    '{"expect": "store-3/TEA-01", "book": {"on_hand": 40}}\n'
)
FILES = {
    "sales.csv": sales_text(),
    "items.csv": "sku,unit_cost,supplier,lead_time_days\nTEA-01,1.5,ACME,5\nTEA-02,1.5,ACME,5\n",
    "orders.csv": "supplier,ordered_at,received_at\nACME,2026-01-02,2026-01-08\n",
    "counts.csv": "location,sku,expected,counted\nstore-1,TEA-01,10,10\n",
    "fault.jsonl": FAULT,
}


@pytest.mark.parametrize(
    ("document", "words"),
    [one for one in shell_lines() if one[1][:1] and one[1][0] in OFFLINE and one[1] != ASKS],
)
def test_a_command_of_a_shell_block_runs_where_it_needs_nothing_outside(
    document, words, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with gzip.open(f"{name}.gz", "wt", encoding="utf-8") as file:
            file.write(text)
    quick = ["--quick", "--processes", "1"] if words[0] == "backtest" else []
    code, _, err = andon(*words, *quick)
    assert code == 0, f"{document}: {err}"


#: The tables that documented imports name, by their kind; those of a study look otherwise.
TABLES = {
    "sales": "date,location,sku,quantity\n2026-03-04,store-1,0815,2\n2026-03-05,store-1,0815,1\n",
    "items": "sku,supplier,lead_time_days\n0815,ACME,5\n",
    "stock": "sku,on hand,location\n0815,14,store-1\n",
    "orders": "PO,supplier,store,sku,ordered,order date\n1,ACME,store-1,0815,48,2026-03-01\n",
    "locations": "location,time zone\nstore-1,Europe/Berlin\n",
}


@pytest.mark.parametrize(
    ("document", "words"), [one for one in shell_lines() if one[1][:1] == ("import",)]
)
def test_an_import_of_a_document_reads_such_a_table(document, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, kind, file, *options = words
    Path(file).write_text(TABLES[kind], encoding="utf-8")
    if "--mapping" in options:
        Path(options[options.index("--mapping") + 1]).write_text(f'kind = "{kind}"\n')
    code, out, err = andon(*words, *([] if "--dry-run" in words else ["--dry-run"]), "--json")
    assert code == 0, f"{document}: {err}"
    account = json.loads(out)
    assert (account["refused"], account["events"]) == ({}, TABLES[kind].count("\n") - 1)


def test_what_a_document_makes_is_a_target_and_what_it_installs_an_extra():
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    made = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert made - set(targets) == set()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = ",".join(re.findall(r"pip install '?(?:andon|\.)\[([a-z,]+)\]", text)).split(",")
    assert len(made) > 5
    assert set(named) - set(extras["optional-dependencies"]) == set()


def sent():
    return [one for one in shell_lines() if one[1][:1] == ("send",)]


@pytest.mark.integration
@pytest.mark.parametrize(("document", "words"), sent())
def test_what_a_document_sends_is_accepted(document, words, topics, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    count = {"location": "store-3", "sku": "TEA-01", "kind": "count", "quantity": 40}
    (tmp_path / "counts.jsonl").write_text(json.dumps(count), encoding="utf-8")
    where = ("--broker", topics.broker, "--prefix", topics.prefix)
    code, out, err = andon(*where, *words, "--json")
    assert code == 0, f"{document}: {err}"
    assert json.loads(out)["topic"].startswith(f"{topics.prefix}.{words[1]}.")


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


@pytest.mark.parametrize("line", ["item", "send", "topics create --partitions many"])
def test_what_a_command_of_a_shell_block_lacks_is_found(line):
    assert wrong_about(line.split(), whole=True) is not None
    assert wrong_about(line.split()) is None
