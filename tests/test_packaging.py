"""What is built and what it asks for: the wheel against the disk, the bounds, the lock of the image."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
#: andon/ and the folders that it links to.
FOLDERS = tuple(sorted(path.name for path in (ROOT / "andon").iterdir() if path.is_symlink()))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
RUNTIME = PROJECT["project"]["dependencies"]
EVERYTHING = [
    *PROJECT["build-system"]["requires"],
    *RUNTIME,
    *(one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra),
    *(one for group in GROUPS.values() for one in group if isinstance(one, str)),
]
#: All but the embedded broker, which is for trying out.
IN_THE_IMAGE = [
    requirement
    for extra, wanted in PROJECT["project"]["optional-dependencies"].items()
    for requirement in wanted
    if extra != "embedded"
]
LOCK = (ROOT / "requirements.lock").read_text()


def _built(tmp_path_factory, **environment):
    """Return the path of the wheel, built without network from a copy, so that the tree stays clean."""
    source = tmp_path_factory.mktemp("source")
    junk = shutil.ignore_patterns("__pycache__", "*.pyc", "*.so")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, source / folder, ignore=junk)
    shutil.copytree(ROOT / "andon", source / "andon", symlinks=True, ignore=junk)
    for file in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    built = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [*pip, "--no-build-isolation", "--wheel-dir", built, source],
        check=True,
        env=os.environ | environment,
    )
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    with zipfile.ZipFile(_built(tmp_path_factory, ANDON_COMPILE="0")) as archive:
        yield archive


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no C compiler")
def test_a_wheel_that_is_asked_for_it_has_the_compiled_loop_besides(wheel, tmp_path_factory):
    path = _built(tmp_path_factory, ANDON_COMPILE="1")
    with zipfile.ZipFile(path) as archive:
        more = set(archive.namelist()) - set(wheel.namelist())

    (loop,) = (Path(name).name for name in more if ".dist-info/" not in name)
    assert loop.startswith("_plain_sales.")
    assert loop.endswith(".so")
    assert "-none-any" not in path.name


@pytest.fixture(scope="module")
def metadata(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_string(wheel.read(name).decode())


@pytest.mark.slow
def test_the_wheel_has_every_module_on_disk_and_nothing_else(wheel):
    on_disk = {"andon/__init__.py"} | {
        f"andon/{path.relative_to(ROOT).as_posix()}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".pyi") or path.name == "py.typed" or path.parent.name == "static"
    }

    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == on_disk


@pytest.mark.slow
def test_every_module_of_the_wheel_can_be_imported(wheel, tmp_path):
    wheel.extractall(tmp_path)
    names = [name for name in wheel.namelist() if name.endswith(".py")]
    modules = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names
    ]
    script = f"""
import importlib, sys
for name in {modules!r}:
    module = importlib.import_module(name)
    assert module.__file__.startswith({str(tmp_path)!r}), module.__file__
"""

    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=tmp_path,  # not the tree, whose links would come first
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_wheel_says_what_it_is(wheel, metadata):
    assert metadata["Name"] == "andon"
    assert metadata["Version"] == PROJECT["project"]["version"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "andon = andon.cli.main:run" in wheel.read(entry_points).decode()


@pytest.mark.parametrize("requirement", EVERYTHING)
def test_every_dependency_has_an_upper_bound(requirement):
    operators = {bound.operator for bound in Requirement(requirement).specifier}

    assert operators & {"==", "<", "<=", "~="}


def test_a_build_without_isolation_uses_the_setuptools_of_an_isolated_one():
    assert GROUPS["build"] == PROJECT["build-system"]["requires"]


@pytest.mark.parametrize("requirement", [*RUNTIME, *IN_THE_IMAGE, *GROUPS["build"]])
def test_the_lock_of_the_image_satisfies_what_the_project_asks_for(requirement):
    asked = Requirement(requirement)
    name = re.escape(asked.name)

    (version,) = re.findall(rf"^{name}==([^ ;]+)", LOCK, re.MULTILINE | re.IGNORECASE)

    assert version in asked.specifier


def test_everything_in_the_lock_has_hashes():
    entries = re.split(r"\n(?=[a-z0-9])", LOCK, flags=re.IGNORECASE)
    pinned = [entry for entry in entries if not entry.startswith("#")]

    assert len(pinned) > len(RUNTIME)
    assert [entry for entry in pinned if "--hash=sha256:" not in entry] == []
    assert "find-links" not in LOCK


def test_the_changelog_knows_the_version():
    changelog = (ROOT / "CHANGELOG.md").read_text()

    assert "## [Unreleased]" in changelog or f"## [{PROJECT['project']['version']}]" in changelog
