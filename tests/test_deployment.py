"""The image, the Compose file, Prometheus and Grafana: what can be checked about them without Docker."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from kubernetes_validate import validate
from packaging.version import Version
from support.apache import VERSION as TESTED_KAFKA

from andon.streams.settings import Settings

ROOT = Path(__file__).parent.parent
GRAFANA = ROOT / "grafana"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]


class Overriding(yaml.SafeLoader):
    """Reads Compose's own tag for what replaces and does not add."""


Overriding.add_constructor("!override", lambda loader, node: loader.construct_sequence(node))
CLUSTER = yaml.load((ROOT / "docker-compose.cluster.yml").read_text(), Overriding)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PORT = Settings.model_fields["metrics_port"].default

services = pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))


@services
def test_every_image_is_pinned_to_a_version(service):
    assert re.search(r":v?\d+\.\d+\.\d+$", service["image"])


@services
def test_published_ports_are_on_the_hosts_loopback(service):
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@services
def test_containers_have_no_more_rights_than_they_need(service):
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in service
    assert not service.get("privileged")
    assert service.get("network_mode") != "host"
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


def test_only_kafka_writes_to_its_root_file_system():
    assert [name for name, service in SERVICES.items() if not service.get("read_only")] == ["kafka"]


@services
def test_containers_are_bounded_and_restarted(service):
    limits = service["deploy"]["resources"]["limits"]

    assert limits.keys() == {"cpus", "memory"}
    assert service["restart"] in {"unless-stopped", "on-failure:5"}


@services
def test_what_stays_up_says_whether_it_is_healthy(service):
    check = service["healthcheck"]

    assert "test" in check or service["command"] == ["topics", "create"]


@services
def test_named_volumes_are_declared(service):
    sources = {volume.partition(":")[0] for volume in service.get("volumes", [])}
    named = {source for source in sources if not source.startswith(".")}

    assert named <= COMPOSE["volumes"].keys()
    assert all((ROOT / source).exists() for source in sources - named)


@services
def test_no_secret_stands_in_the_compose_file(service):
    secret = re.compile("PASSWORD|SECRET|TOKEN")
    named = {name for name in service.get("environment", {}) if secret.search(name)}

    assert all(name.endswith("__FILE") for name in named)


def test_secret_files_stay_out_of_the_repository_and_the_image():
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert {"secrets/", "andon.env", ".env"} <= set(ignored)
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    assert all(secret["file"].startswith("./secrets/") for secret in COMPOSE["secrets"].values())


def test_workers_wait_for_kafka_and_the_topics():
    waits = SERVICES["worker"]["depends_on"]

    assert waits["kafka"] == {"condition": "service_healthy"}
    assert waits["topics"] == {"condition": "service_completed_successfully"}
    assert SERVICES["topics"]["command"] == ["topics", "create"]


def test_the_compose_files_kafka_is_the_one_the_tests_run_on():
    version = Version(SERVICES["kafka"]["image"].partition(":")[2])

    assert version >= Version("4.0")
    assert version == Version(TESTED_KAFKA)


@pytest.mark.parametrize("name", ["worker", "topics", "forecaster", "sink"])
def test_the_environment_names_settings_that_exist(name):
    variables = SERVICES[name]["environment"]

    assert {variable.removeprefix("ANDON_").lower() for variable in variables} <= set(
        Settings.model_fields
    )


def test_one_node_has_three_partitions_and_three_nodes_three_copies():
    assert SERVICES["worker"]["environment"]["ANDON_PARTITIONS"] == "${ANDON_PARTITIONS:-3}"
    nodes = {name: one for name, one in CLUSTER["services"].items() if name.startswith("kafka")}
    assert len(nodes) == 3
    for number, node in enumerate(nodes.values(), 1):
        environment = node["environment"]
        assert environment["KAFKA_NODE_ID"] == number
        assert environment["KAFKA_DEFAULT_REPLICATION_FACTOR"] == 3
        assert environment["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] == 3
        assert environment["KAFKA_MIN_INSYNC_REPLICAS"] == 2
        assert environment["KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE"] == "false"
    assert len({one["volumes"][0] for one in nodes.values()}) == 3
    for name in (name for name, service in SERVICES.items() if "andon:" in service["image"]):
        environment = CLUSTER["services"][name]["environment"]
        assert environment["ANDON_REPLICATION_FACTOR"] == 3
        assert environment["ANDON_MIN_INSYNC_REPLICAS"] == 2
        assert environment["ANDON_BROKER"].count(":9092") == 3


def test_prometheus_sends_what_fires_to_alertmanager():
    config = yaml.safe_load((GRAFANA / "prometheus" / "prometheus.yml").read_text())
    (manager,) = config["alerting"]["alertmanagers"]

    assert manager["static_configs"] == [{"targets": ["alertmanager:9093"]}]
    assert SERVICES["sink"]["command"][:4] == [
        "sink",
        "alertmanager",
        "--url",
        "http://alertmanager:9093",
    ]


def test_the_metrics_port_is_reachable_in_the_network_and_published_on_loopback_only():
    worker = SERVICES["worker"]

    assert worker["environment"]["ANDON_METRICS_HOST"] == "0.0.0.0"
    assert [port.rpartition(":")[2] for port in worker["ports"]] == [str(PORT)]
    assert f"127.0.0.1:{PORT}/ready" in worker["healthcheck"]["test"][-1]


def test_prometheus_scrapes_every_worker():
    config = yaml.safe_load((GRAFANA / "prometheus" / "prometheus.yml").read_text())
    (job,) = (job for job in config["scrape_configs"] if job["job_name"] == "andon")
    (discovery,) = job["dns_sd_configs"]

    assert discovery["names"] == ["worker"]
    assert discovery["port"] == PORT
    assert config["rule_files"] == ["/etc/prometheus/rules.yml"]


def test_grafana_finds_its_data_source_and_dashboards():
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())
    providers = yaml.safe_load((GRAFANA / "provisioning/dashboards/andon.yml").read_text())
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])

    (source,) = sources["datasources"]
    (provider,) = providers["providers"]
    assert source["url"] == "http://prometheus:9090"
    assert source["editable"] is False
    assert provider["allowUiUpdates"] is False
    assert mounts["./grafana/dashboards"] == provider["options"]["path"]
    assert mounts["./grafana/provisioning"] == "/etc/grafana/provisioning"


def test_the_image_is_pinned_and_has_no_build_tools():
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    final = DOCKERFILE.rpartition("\nFROM ")[2]

    assert images[0].startswith("python:3.11.")
    assert set(images[1:]) == {"base"}
    assert "--require-hashes" in DOCKERFILE
    assert "pip uninstall --yes --root-user-action ignore setuptools wheel pip" in final
    assert "apt-get" not in DOCKERFILE


def test_the_image_runs_the_worker_without_privileges():
    final = DOCKERFILE.rpartition("\nFROM ")[2]

    assert "\nUSER 10001:10001\n" in final
    assert 'ENTRYPOINT ["andon"]\nCMD ["worker"]' in final
    assert "/ready" in final.partition("HEALTHCHECK")[2]


def test_the_image_gets_every_folder_that_is_packaged():
    copied = set(re.findall(r"^COPY (\w+) \w+$", DOCKERFILE, re.MULTILINE))
    let_in = set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert copied == {"andon"} | {
        path.name for path in (ROOT / "andon").iterdir() if path.is_symlink()
    }
    assert copied <= let_in


KUBERNETES = {
    f"{one['kind']}/{one['metadata']['name']}": one
    for path in sorted((ROOT / "kubernetes").glob("*.yaml"))
    if path.name != "kustomization.yaml"
    for one in yaml.safe_load_all(path.read_text())
}
KUSTOMIZATION = yaml.safe_load((ROOT / "kubernetes" / "kustomization.yaml").read_text())
PODS = {
    name: one["spec"]["template"]["spec"]
    for name, one in KUBERNETES.items()
    if "template" in one.get("spec", {})
}
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.mark.parametrize("version", ["1.28", "1.34"])
@pytest.mark.parametrize("name", KUBERNETES)
def test_kubernetes_knows_every_field(name, version):
    validate(KUBERNETES[name], version, strict=True)


def test_every_file_of_kubernetes_is_applied():
    files = {path.name for path in (ROOT / "kubernetes").glob("*.yaml")}
    assert set(KUSTOMIZATION["resources"]) == files - {"kustomization.yaml"}
    assert len(PODS) == 4


@pytest.mark.parametrize("name", PODS)
def test_pods_have_no_more_rights_than_they_need_and_are_bounded(name):
    pod = PODS[name]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in container["resources"]["limits"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_kubernetes_sets_settings_that_exist_and_no_secret():
    settings = KUBERNETES["ConfigMap/andon-settings"]["data"]
    known = {f"ANDON_{name.upper()}" for name in Settings.model_fields} | {"ANDON_SECRETS_DIR"}
    assert settings.keys() <= known
    assert not any(re.search("PASSWORD|TOKEN", name) for name in settings)
    assert all(isinstance(value, str) for value in settings.values())


def test_the_images_are_of_the_version_that_is_here():
    (image,) = KUSTOMIZATION["images"]
    assert image["newTag"] == VERSION
    ours = {one["image"] for one in SERVICES.values() if one["image"].startswith("andon:")}
    assert ours == {f"andon:{VERSION}"}
    assert {pod["containers"][0]["image"] for pod in PODS.values()} == {"andon"}


def test_what_selects_pods_finds_some():
    labels = [
        one["spec"]["template"]["metadata"]["labels"]
        for one in KUBERNETES.values()
        if "template" in one.get("spec", {})
    ]
    for one in KUBERNETES.values():
        spec = one.get("spec", {})
        wanted = spec.get("selector") or spec.get("podSelector") or {}
        wanted = wanted.get("matchLabels", {} if "matchExpressions" in wanted else wanted)
        assert any(wanted.items() <= found.items() for found in labels), one["metadata"]
    (service,) = (one for name, one in KUBERNETES.items() if name == "Service/andon-worker")
    assert service["spec"]["ports"][0]["port"] == PORT
    assert (
        f"--worker=http://andon-worker:{PORT}"
        in PODS["Deployment/andon-console"]["containers"][0]["args"]
    )
