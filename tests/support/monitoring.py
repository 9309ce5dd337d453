"""Prometheus and Alertmanager with our own configuration, only faster; and PromQL as Grafana would send it."""

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Self

import yaml
from support.debian import home_of, program
from support.workers import until

from andon.streams.embedded import free_port

GRAFANA = Path(__file__).parents[2] / "grafana"
#: What Grafana would put in the place of its variables.
_VARIABLES = {"$__rate_interval": "30s", "$window": "10m"}


def filled(expression: str) -> str:
    """Return an expression with Grafana's variables replaced."""
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    return re.sub(r"\$(location|class|model|worker)\b", ".*", expression)


def get(url: str) -> Any:
    """Return the JSON at an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.loads(answer.read())


class Server:
    """A server of Debian's packages on a free port; a context manager."""

    program = ""
    ready_path = "/-/ready"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def arguments(self) -> list[str]:
        """Return what it is started with; its files are written."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether it answers; fails the test if it has ended."""
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text())
        try:
            urllib.request.urlopen(f"{self.url}{self.ready_path}", timeout=2).close()
        except OSError:
            return False
        return True

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        path = program(self.program)
        command = [str(path), *self.arguments()]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, cwd=home_of(path)
            )
        until(self.ready, f"{self.program} is ready")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class AlertmanagerServer(Server):
    """Alertmanager with our routes, which tells a webhook of everything at once."""

    program = "prometheus-alertmanager"

    def __init__(self, folder: Path, webhook: str) -> None:
        super().__init__(folder)
        self._webhook = webhook

    def arguments(self) -> list[str]:
        """Return what it is started with."""
        config = yaml.safe_load((GRAFANA / "alertmanager" / "alertmanager.yml").read_text())
        for route in (config["route"], *config["route"]["routes"]):
            route |= {"group_wait": "0s", "group_interval": "1s"}
        for receiver in config["receivers"]:
            receiver["webhook_configs"] = [{"url": self._webhook, "send_resolved": True}]
        file = self.folder / "alertmanager.yml"
        file.write_text(yaml.safe_dump(config))
        return [
            f"--config.file={file}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
        ]

    def alerts(self) -> list[Any]:
        """Return the alerts that fire."""
        return list(get(f"{self.url}/api/v2/alerts?active=true"))


class PrometheusServer(Server):
    """Prometheus with our scrape configuration and rules: every expression as it is, every wait a second."""

    program = "prometheus"

    def __init__(
        self,
        folder: Path,
        worker_port: int,
        forecaster_port: int,
        alertmanager: AlertmanagerServer,
    ) -> None:
        super().__init__(folder)
        self._targets = {
            "andon": f"127.0.0.1:{worker_port}",
            "andon-forecaster": f"127.0.0.1:{forecaster_port}",
            "prometheus": f"127.0.0.1:{self.port}",
            "alertmanager": f"127.0.0.1:{alertmanager.port}",
        }

    def arguments(self) -> list[str]:
        """Return what it is started with."""
        config = yaml.safe_load((GRAFANA / "prometheus" / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(self.folder / "rules.yml")]
        config["alerting"]["alertmanagers"] = [
            {"static_configs": [{"targets": [self._targets["alertmanager"]]}]}
        ]
        config["scrape_configs"] = [
            {
                "job_name": job["job_name"],
                "static_configs": [{"targets": [self._targets[job["job_name"]]]}],
            }
            for job in config["scrape_configs"]
        ]
        rules = yaml.safe_load((GRAFANA / "prometheus" / "rules.yml").read_text())
        for group in rules["groups"]:
            group["interval"] = "1s"
            for rule in group["rules"]:
                for wait in {"for", "keep_firing_for"} & rule.keys():
                    rule[wait] = "1s"
        (self.folder / "rules.yml").write_text(yaml.safe_dump(rules))
        file = self.folder / "prometheus.yml"
        file.write_text(yaml.safe_dump(config))
        return [
            f"--config.file={file}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]

    def query(self, expression: str) -> list[Any]:
        """Return the samples of an expression now.

        Raises:
            ValueError: Prometheus cannot make sense of it; the text is its own.
        """
        arguments = urllib.parse.urlencode({"query": filled(expression)})
        try:
            found = get(f"{self.url}/api/v1/query?{arguments}")
        except urllib.error.HTTPError as error:
            raise ValueError(json.loads(error.read())["error"]) from error
        return list(found["data"]["result"])

    def rules(self) -> list[Any]:
        """Return all rules with their health and state."""
        groups = get(f"{self.url}/api/v1/rules")["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def firing(self, name: str) -> list[dict[str, str]]:
        """Return the labels of a rule's alerts that fire now."""
        (rule,) = (rule for rule in self.rules() if rule["name"] == name)
        return [one["labels"] for one in rule["alerts"] if one["state"] == "firing"]
