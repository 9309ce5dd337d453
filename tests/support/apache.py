"""Apache Kafka itself for tests, from Maven instead of Docker: KRaft nodes that are broker and controller, one or three."""

import os
import resource
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from kafka import KafkaAdminClient

from andon.streams.embedded import BrokerProcess, free_port

#: The newest 4.x when this was written; pinned, so that a test run can be repeated.
VERSION = os.environ.get("ANDON_TEST_KAFKA_VERSION", "4.4.0")

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>andon.tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{version}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"""

# Few partitions of the internal topics, no waiting for more members, and as many copies as there are nodes.
_PROPERTIES = """process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={in_sync}
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
"""


def available() -> bool:
    """Whether Java and Maven are there."""
    return shutil.which("java") is not None and shutil.which("mvn") is not None


def resolve(version: str = VERSION) -> Path:
    """Return the folder of Kafka's jars, fetched once into ~/.cache/andon-kafka."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "andon-kafka"
    jars = home / version
    if not jars.is_dir():
        fetched = home / f"{version}.{uuid.uuid4().hex}"
        fetched.mkdir(parents=True)
        (fetched / "pom.xml").write_text(_POM.format(version=version), encoding="utf-8")
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        _run("mvn", "-q", "-B", *goal, f"-DoutputDirectory={fetched / 'jars'}", cwd=fetched)
        try:
            (fetched / "jars").rename(jars)
        except OSError:
            if not jars.is_dir():  # another run may have been first
                raise
        shutil.rmtree(fetched)
    return jars


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise RuntimeError(msg)


class ApacheKafka(BrokerProcess):
    """One node of Apache Kafka with its data in a folder; needs Java 17 and, the first time, Maven.

    Alone it is a cluster of one; given `cluster` and `voters` it is one of several.
    """

    kind = "apache"
    start_seconds = 90.0
    stop_seconds = 30.0
    #: What else the first format of the folder is told.
    formatted_with: tuple[str, ...] = ()

    def __init__(
        self,
        data_dir: Path,
        port: int | None = None,
        *,
        node: int = 1,
        cluster: str | None = None,
        voters: dict[int, int] | None = None,
    ) -> None:
        super().__init__(data_dir, port)
        self.node = node
        self._cluster = cluster or urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self._voters = voters or {node: free_port()}

    def command(self) -> Sequence[str]:
        """Return what to run; a new folder is formatted first."""
        java = shutil.which("java")
        if java is None:
            msg = "Apache Kafka needs Java 17 or newer"
            raise RuntimeError(msg)
        jars = f"{resolve()}/*"
        properties = self.data_dir / "server.properties"
        if not properties.is_file():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            copies = len(self._voters)
            text = _PROPERTIES.format(
                node=self.node,
                port=self.port,
                controller=self._voters[self.node],
                voters=",".join(f"{one}@127.0.0.1:{at}" for one, at in self._voters.items()),
                copies=copies,
                in_sync=min(copies, 2),
                data=self.data_dir / "log",
            )
            new = properties.with_suffix(".new")
            new.write_text(text + self.more_properties(), encoding="utf-8")
            tool = ["-cp", jars, "kafka.tools.StorageTool", "format"]
            # One word, because an id may begin with a hyphen.
            _run(
                java,
                *tool,
                f"--cluster-id={self._cluster}",
                "-c",
                str(new),
                *self.formatted_with,
                cwd=self.data_dir,
            )
            new.rename(properties)
        log = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        small = ["-Xms128m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        return [java, *small, log, "-cp", jars, "kafka.Kafka", str(properties)]

    def more_properties(self) -> str:
        """Return lines for server.properties, which win over those before them."""
        return ""

    def run_out_of_disk(self) -> None:
        """Let every further write to a file fail, as on a full disk, and return when that has ended the node.

        It is the limit of a file's size (EFBIG in place of ENOSPC): it needs no mount, and Kafka takes either for a
        failed log directory. A node that is started again has room again.
        """
        process = self._process
        if process is None:
            msg = "the node does not run"
            raise RuntimeError(msg)
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, most))
        process.wait(self.stop_seconds)


class GuardedKafka(ApacheKafka):
    """A node that asks for a password (SCRAM) at `guarded`, and lets its user do there only what ACLs say; at `bootstrap` all is allowed."""

    user, password = "andon", "andon-secret"
    formatted_with = ("--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]")

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self._guarded = free_port()

    @property
    def guarded(self) -> str:
        """Where a password is asked for, `host:port`."""
        return f"127.0.0.1:{self._guarded}"

    def more_properties(self) -> str:
        """Return the second listener, and who may do what."""
        [controller] = self._voters.values()
        return f"""listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller},SASL_PLAINTEXT://{self.guarded}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.port},SASL_PLAINTEXT://{self.guarded}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


class ApacheCluster:
    """Three nodes, each broker and controller: the loss of one loses nothing. A context manager."""

    kind = "apache"

    def __init__(self, data_dir: Path, size: int = 3) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        voters = {number: free_port() for number in range(1, size + 1)}
        self.nodes = [
            ApacheKafka(data_dir / f"node-{number}", node=number, cluster=cluster, voters=voters)
            for number in voters
        ]

    @property
    def bootstrap(self) -> str:
        """All nodes, `host:port,host:port,...`."""
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self) -> None:
        """Start all nodes, then wait: one alone is no quorum."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.await_answer()

    def stop(self) -> None:
        """Stop all nodes. The last ones have no quorum to say goodbye to, so they are killed."""
        first, *others = self.nodes
        first.stop()
        for node in others:
            node.kill()

    def under_replicated(self) -> int:
        """Return how many partitions lack a copy that is in sync now."""
        with KafkaAdminClient(bootstrap_servers=self.bootstrap.split(",")) as admin:
            return sum(
                len(partition["isr_nodes"]) < len(partition["replica_nodes"])
                for topic in admin.describe_topics()
                for partition in topic["partitions"]
            )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
