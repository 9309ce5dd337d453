"""The architecture is a test: who may import whom, what planning may not know, and how long a module may be."""

import ast
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = {
    "schemas": set(),
    "planning": {"schemas"},
    "streams": {"schemas"},
    "agents": {"schemas", "planning", "streams"},
    "connect": {"schemas", "planning", "streams"},
    "simulation": {"schemas", "planning", "streams"},
    "studies": {"schemas", "planning", "streams", "connect"},
    "rehearsal": {"schemas", "planning", "streams", "agents"},
    "console": {"schemas", "planning", "streams", "connect"},
    "cli": {
        "schemas",
        "planning",
        "streams",
        "agents",
        "connect",
        "simulation",
        "studies",
        "rehearsal",
        "console",
    },
}
#: The rooms of planning: each may import those before it.
ROOMS = [
    "alerting",
    "demand",
    "supply",
    "policy",
    "network",
    "production",
    "book",
    "forecasting",
    "decision",
    "backtest",
]
#: What has a clock, a network, a disk or chance in it.
IMPURE = {
    "aiohttp",
    "aiokafka",
    "asyncio",
    "faust",
    "io",
    "kafka",
    "mode",
    "os",
    "pathlib",
    "prometheus_client",
    "random",
    "requests",
    "socket",
    "subprocess",
    "sys",
    "threading",
    "time",
    "urllib",
}
CLOCKS = {"now", "utcnow", "today"}
MOST_LINES = 350


def imports_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            yield node.module


def misplaced(room, name):
    """Return what is wrong about an import of one of planning's modules from one of its rooms."""
    other = name.split(".")[2]
    if ROOMS.index(other) > ROOMS.index(room):
        return [f"imports {name}, whose room comes after {room}"]
    return []


def faults(folder, source, room="backtest"):
    """Return what a module of a folder (of planning: of a room) does that it may not."""
    tree = ast.parse(source)
    found = []
    for name in imports_of(tree):
        first, *rest = name.split(".")
        if first in LAYERS:
            found.append(f"imports bare {name}: what is installed is andon.{name}")
        if first == "andon" and rest and rest[0] != folder and rest[0] not in LAYERS[folder]:
            found.append(f"imports {name}, which lies above or beside it")
        if folder == "planning" and name.startswith("andon.planning."):
            found += misplaced(room, name)
        if folder == "planning" and first in IMPURE:
            found.append(f"imports {name}: planning knows no world outside")
    if folder == "planning":
        found += [
            f"asks the clock: {node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr in CLOCKS
            and isinstance(node.value, ast.Name)
            and node.value.id in ("datetime", "date")
        ]
    return found


def modules():
    return [path for folder in LAYERS for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_to_its_layer(path):
    folder, room, *_ = path.relative_to(ROOT).parts
    assert faults(folder, path.read_text(encoding="utf-8"), room) == []


def test_every_module_of_planning_is_in_a_room():
    rooms = {path.relative_to(ROOT).parts[1] for path in (ROOT / "planning").rglob("*.py")}
    assert rooms - {"__init__.py"} == set(ROOMS)


def graph():
    """Return which modules each module imports, those for types alone included."""
    names = {
        "andon." + ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in modules()
    }
    return {
        name: {
            target
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            for target in (node.module, f"{node.module}.{alias.name}")
            if target in names
        }
        for name, path in names.items()
    }


def circle(arrows):
    """Return a circle among the arrows, or nothing."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_module_imports_itself_by_way_of_others():
    assert circle(graph()) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_of_one_idea(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("schemas", "from andon.planning import demand"),
        ("planning", "import andon.streams.app"),
        ("planning", "import time"),
        ("planning", "from datetime import datetime\ndatetime.now()"),
        ("streams", "from andon.planning.book.book import Book"),
        ("streams", "from andon.agents import worker"),
        ("agents", "from andon.cli import main"),
        ("cli", "from streams import settings"),
        ("planning", "import os"),
        ("simulation", "from andon.cli.support import output"),
        ("connect", "from andon.studies import report"),
        ("rehearsal", "from andon.cli.item import panel"),
        ("agents", "from andon.rehearsal.machine import Machine"),
    ],
)
def test_the_rules_can_fail(folder, source):
    assert faults(folder, source)


def test_a_room_of_planning_may_not_import_a_later_one():
    assert faults("planning", "from andon.planning.book.book import Book", "policy")
    assert not faults("planning", "from andon.planning.policy import policy", "book")


def test_andon_has_a_link_to_every_folder_and_nothing_else():
    links = {path.name: path for path in (ROOT / "andon").iterdir() if path.is_symlink()}
    assert {path.name for path in (ROOT / "andon").iterdir()} - {"__pycache__"} == {
        "__init__.py",
        *LAYERS,
    }
    for name, link in links.items():
        assert link.resolve() == ROOT / name
    for path in modules():
        assert (path.parent / "__init__.py").is_file(), path


def test_every_dependency_is_bounded():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    named = [*project["project"]["dependencies"], *(one for extra in extras for one in extra)]
    for requirement in named:
        assert "==" in requirement or "<" in requirement, requirement
