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

#: Where Debian's Alertmanager looks for its templates, and where a copy that is not installed does: as long, and relative
#: to the folder it is started in.
_TEMPLATES = b"/usr/share/prometheus/alertmanager"
_RELATIVE = b"./" * (len(_TEMPLATES) // 2)


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


def home_of(path: Path) -> Path | None:
    """Return the folder that a program must be started in, if it was fetched and has one."""
    folder = path.parents[2] / os.fsdecode(_TEMPLATES).removeprefix("/")
    return (
        folder
        if path.parents[1].name == "usr" and path.parents[2] != Path("/") and folder.is_dir()
        else None
    )


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
        _make_movable(work / "root" / "usr" / "bin" / "prometheus-alertmanager")
        try:
            (work / "root").rename(folder)
        except OSError:
            if not folder.is_dir():  # another run may have been first
                raise
    finally:
        shutil.rmtree(work)
    return folder


def _make_movable(program_file: Path) -> None:
    if program_file.is_file():
        program_file.write_bytes(program_file.read_bytes().replace(_TEMPLATES, _RELATIVE))


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
