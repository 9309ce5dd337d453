"""Our rules in promtool's own unit tests, and our configuration in its and amtool's checks."""

import subprocess
from pathlib import Path

import pytest
import yaml
from support.debian import Unavailable, program

HERE = Path(__file__).parent
GRAFANA = HERE.parents[1] / "grafana"


def run(name, *arguments):
    try:
        tool = program(name)
    except Unavailable as reason:
        pytest.skip(f"no Prometheus: {reason}")
    done = subprocess.run([tool, *arguments], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted(HERE.glob("*.test.yml")), ids=lambda path: path.name)
def test_every_alert_fires_when_it_must_and_not_when_it_must_not(path):
    run("promtool", "test", "rules", path.name)


def test_prometheus_and_alertmanager_accept_their_configuration(tmp_path):
    config = yaml.safe_load((GRAFANA / "prometheus" / "prometheus.yml").read_text())
    config["rule_files"] = [str(GRAFANA / "prometheus" / "rules.yml")]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    run("promtool", "check", "config", str(tmp_path / "prometheus.yml"))
    run("amtool", "check-config", str(GRAFANA / "alertmanager" / "alertmanager.yml"))
