"""Programs of Debian's packages for tests, without installing anything: downloaded, unpacked, kept in a cache."""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

#: Which package has which program.
PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
}


class Unavailable(Exception):
    """A program is neither installed nor to be had; the text says why."""


def program(name: str) -> Path:
    """Return a program: the installed one, or the one of Debian's package, fetched once into ~/.cache/andon-prometheus.

    Raises:
        Unavailable: it is neither installed nor to be had.
    """
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    return _unpacked(PACKAGES[name]) / "usr" / "bin" / name


def _unpacked(package: str) -> Path:
    """Return the folder that a package was unpacked into."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "andon-prometheus"
    folder = home / package
    if folder.is_dir():
        return folder
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            msg = f"{package} is not installed, and there is no {tool} to fetch it with"
            raise Unavailable(msg)
    work = home / f"{package}.{uuid.uuid4().hex}"
    work.mkdir(parents=True)
    try:
        _download(package, work, home)
        (deb,) = work.glob("*.deb")
        _run("dpkg", "--extract", str(deb), str(work / "root"), cwd=work)
        try:
            (work / "root").rename(folder)
        except OSError:
            if not folder.is_dir():  # another run may have been first
                raise
    finally:
        shutil.rmtree(work)
    return folder


def _download(package: str, folder: Path, home: Path) -> None:
    """Download a package as whoever we are: with the machine's package lists, or with lists of our own."""
    try:
        _run("apt-get", "download", package, cwd=folder)
    except Unavailable:
        lists = home / "apt"
        (lists / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (lists / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        own = [
            f"--option=Dir::State::Lists={lists / 'lists'}",
            f"--option=Dir::Cache={lists / 'cache'}",
            "--option=Debug::NoLocking=1",
        ]
        _run("apt-get", *own, "update", cwd=folder)
        _run("apt-get", *own, "download", package, cwd=folder)


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        msg = f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}"
        raise Unavailable(msg)
