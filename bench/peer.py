"""The peers that the benchmarks measure Andon against: how each is built or installed, started, and why one is left out."""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from andon.streams.settings import Settings
from andon.streams.topics import topic_name

HERE = Path(__file__).parent
SOURCES = HERE / "peers"
BUILD = HERE.parent / "build" / "peers"
#: What a JVM may take, and how many cores it believes it has: as many as the machine that the figures are of.
JVM = ("-Xmx1g", "-XX:ActiveProcessorCount=2", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
#: A slow peer gets fewer sales.
SLICE = 50_000
#: For a peer that is to run until it is stopped.
ENDLESS = 10**12
_PATIENCE_SECONDS = 600


class LeftOutError(Exception):
    """A peer cannot be measured here; says why."""


@dataclass(frozen=True)
class Peer:
    """Somebody else's machine with the same work to do.

    Attributes:
        name: as the table shows it.
        alerts: how the topic of its alerts ends.
        command: returns how it is started, or raises LeftOutError; its arguments follow.
        differs: in what its work differs from the others'.
        last: arguments after those that all have.
        most: how many sales it gets at most.
    """

    name: str
    alerts: str
    command: Callable[[], list[str]]
    differs: str
    last: tuple[str, ...] = ()
    most: int = ENDLESS

    def alert_topic(self, settings: Settings) -> str:
        """Return the topic of its alerts."""
        return f"{topic_name(settings, 'pos')}-{self.alerts}-alerts"

    def arguments(self, settings: Settings, events: int) -> list[str]:
        """Return the whole command line, and make the topic of its alerts if it is not there."""
        topic = self.alert_topic(settings)
        with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
            # No peer makes it by itself on a broker that does not.
            if topic not in admin.list_topics():
                admin.create_topics([NewTopic(topic, settings.partitions, 1)])
        given = [settings.broker, topic_name(settings, "pos"), str(settings.partitions)]
        return [*self.command(), *given, str(min(events, self.most)), *self.last]

    def measure(self, settings: Settings, events: int) -> dict[str, float]:
        """Run it until it has seen all events, and return what it printed."""
        done = subprocess.run(
            self.arguments(settings, events),
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith('{"events"')]
        if not lines:
            msg = f"{self.name} printed no result:\n{(done.stdout + done.stderr)[-2000:]}"
            raise RuntimeError(msg)
        result: dict[str, float] = json.loads(lines[-1])
        return result

    @contextmanager
    def running(self, settings: Settings) -> Iterator[None]:
        """Let it run until the context ends."""
        process = subprocess.Popen(
            self.arguments(settings, ENDLESS), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield
            if process.poll() is not None:
                msg = f"{self.name} ended by itself"
                raise RuntimeError(msg)
        finally:
            process.kill()
            process.wait()


def _python(name: str, *requirements: str) -> str:
    """Return the Python of an environment with something in it, made when it is first needed."""
    home = BUILD / name
    python, stamp = home / "bin" / "python", home / ".done"
    wanted = " ".join(requirements)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing {wanted}: once", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "--quiet", "install", *requirements]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LeftOutError(f"{wanted} does not install: {_last_line(done.stderr)}")
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]


def script(name: str, *requirements: str) -> Callable[[], list[str]]:
    """Return how a script of bench/peers is started: in an environment of its own if it requires something."""

    def command() -> list[str]:
        python = _python(name, *requirements) if requirements else sys.executable
        return [python, str(SOURCES / f"{name}.py")]

    return command


def _sources() -> float:
    """Return when the sources of the JVM's peers were last changed."""
    files = [*(SOURCES / "jvm").rglob("*.java"), *(SOURCES / "jvm").rglob("pom.xml")]
    return max(file.stat().st_mtime for file in files)


def build_jvm() -> Path:
    """Build the peers in Java if that is to be done, and return where they are; LeftOutError if it cannot be."""
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing:
        raise LeftOutError(f"no {' and no '.join(missing)} on this machine")
    home = BUILD / "jvm"
    stamp = home / ".done"
    if not stamp.exists() or stamp.stat().st_mtime < _sources():
        print("building the peers in Java: once", file=sys.stderr)
        goals = ["package", "dependency:copy-dependencies", "-DincludeScope=runtime"]
        places = [f"-Dpeers.build={home}", "-DoutputDirectory=${project.build.directory}/jars"]
        done = subprocess.run(
            ["mvn", "-q", "-B", *goals, *places],
            cwd=SOURCES / "jvm",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LeftOutError(f"Maven does not build it: {_last_line(done.stdout + done.stderr)}")
        stamp.touch()
    return home


def jvm(module: str, main: str) -> Callable[[], list[str]]:
    """Return how a peer in Java is started."""

    def command() -> list[str]:
        home = build_jvm() / module
        jars = os.pathsep.join([f"{home / module}-1.jar", f"{home / 'jars'}/*"])
        return ["java", *JVM, "-cp", jars, f"andon.peers.{main}"]

    return command


def _twice(name: str, module: str, main: str, differs: dict[str, str]) -> list[Peer]:
    """Return a peer of the JVM with either promise."""
    return [
        Peer(
            f"{name}, {promise}",
            f"{module}-{promise.replace(' ', '-')}",
            jvm(module, main),
            said,
            (promise.replace(" ", "-"),),
        )
        for promise, said in differs.items()
    ]


LIMIT = Peer(
    "the limit",
    "limit",
    script("limit", "confluent-kafka>=2.12,<3", "msgspec>=0.22,<0.23"),
    "confluent-kafka consumes, msgspec decodes: no books, no alerts, nothing durable",
)
KAFKA_STREAMS = _twice(
    "Kafka Streams 4.4",
    "kafka-streams",
    "KafkaStreamsPeer",
    {
        "at least once": "two threads; books in memory, cached, in a changelog; a commit every 500 ms",
        "exactly once": "as at least once, but by transactions (exactly_once_v2), one every 100 ms as is its default",
    },
)
FLINK = _twice(
    "Flink 2.2",
    "flink",
    "FlinkPeer",
    {
        "at least once": "two subtasks of a MiniCluster; books on the heap; all of them go to a disk every 500 ms, nowhere else",
        "exactly once": "as at least once, but with aligned checkpoints, and a transaction of the sink for each",
    },
)
#: In the order of the table. Andon stands between the first and the others.
PEERS = [
    LIMIT,
    *FLINK,
    *KAFKA_STREAMS,
    Peer(
        "Pathway 0.33",
        "pathway_flow",
        script("pathway_flow", "pathway==0.33.0"),
        "sums by Rust threads of its own; the log of its input goes to a disk every 500 ms",
    ),
    Peer(
        "bytewax 0.21",
        "bytewax_flow",
        script("bytewax_flow", "bytewax[kafka]==0.21.1", "msgspec>=0.22,<0.23"),
        "one worker; a snapshot of what changed to SQLite every 500 ms",
    ),
    Peer(
        "Quix Streams 3.28",
        "quix",
        script("quix", "quixstreams==3.28.1"),
        "books in RocksDB and in a changelog; a commit every 5 s as is its default",
    ),
    Peer(
        "stock Faust 0.15",
        "stock_faust",
        script("stock_faust"),
        f"a table as its documentation shows it; {SLICE:,} sales only",
        most=SLICE,
    ),
]
