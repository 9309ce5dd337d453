"""The architecture is a test: who may import whom, what planning may not know, and how long a module may be."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = {
    "schemas": set(),
    "planning": {"schemas"},
    "streams": {"schemas"},
    "agents": {"schemas", "planning", "streams"},
    "cli": {"schemas", "planning", "streams", "agents"},
}
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


def faults(folder, source):
    """Return what a module of a folder does that it may not."""
    tree = ast.parse(source)
    found = []
    for name in imports_of(tree):
        first, *rest = name.split(".")
        if first in LAYERS:
            found.append(f"imports bare {name}: what is installed is andon.{name}")
        if first == "andon" and rest and rest[0] != folder and rest[0] not in LAYERS[folder]:
            found.append(f"imports {name}, which lies above or beside it")
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
    folder = path.relative_to(ROOT).parts[0]
    assert faults(folder, path.read_text(encoding="utf-8")) == []


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
        ("streams", "from andon.planning.book import Book"),
        ("streams", "from andon.agents import worker"),
        ("agents", "from andon.cli import main"),
        ("cli", "from streams import settings"),
        ("planning", "import os"),
    ],
)
def test_the_rules_can_fail(folder, source):
    assert faults(folder, source)


def test_every_folder_with_modules_is_a_package_of_the_wheel():
    on_disk = {
        "andon." + ".".join(path.parent.relative_to(ROOT).parts)
        for folder in LAYERS
        for path in (ROOT / folder).rglob("__init__.py")
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["setuptools"]["packages"]) == on_disk
    assert set(project["tool"]["setuptools"]["package-dir"]) == on_disk
    for path in modules():
        assert (path.parent / "__init__.py").is_file(), path


def test_every_dependency_is_bounded():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    named = [*project["project"]["dependencies"], *(one for extra in extras for one in extra)]
    for requirement in named:
        assert "==" in requirement or "<" in requirement, requirement


def test_no_folder_shadows_the_install():
    assert not (ROOT / "andon").exists()
