"""Kill workers and brokers while sales go in, and count: what is lost, what is counted twice, which alerts are missing."""

import pytest
from support.apache import ApacheCluster
from support.chaos.run import ChaosRun

pytestmark = [pytest.mark.apache, pytest.mark.chaos]


@pytest.fixture
def wanted(settings):
    """Settings of a chaos run: the shortest session the broker allows."""
    return settings.model_copy(
        update={"session_timeout_seconds": 6.0, "heartbeat_interval_seconds": 1.0}
    )


def test_nothing_is_lost_or_counted_twice_when_workers_and_brokers_are_killed(wanted, tmp_path):
    with ApacheCluster(tmp_path / "kafka") as cluster:
        settings = wanted.model_copy(
            update={
                "broker": cluster.bootstrap,
                "replication_factor": 3,
                "min_insync_replicas": 2,
                "duplicate_window": 256,
            }
        )
        outcome = ChaosRun(
            settings,
            tmp_path,
            seed=7,
            plan=(
                "workers killed before a commit",
                "workers killed",
                "brokers killed",
                "workers added",
                "workers stopped",
            ),
            pause=(1.0, 3.0),
            nodes=cluster.nodes,
            under_replicated=cluster.under_replicated,
        ).run()
    assert outcome.faults == []
    assert outcome.blows.total() == 5
    assert outcome.alerts.names


@pytest.mark.parametrize("fault", ["", "forget-applied"])
def test_without_the_applied_offsets_the_same_run_counts_twice(wanted, tmp_path, fault):
    """The control: it shows that the harness sees duplicates, and that the window of event ids alone does not help."""
    settings = wanted.model_copy(update={"duplicate_window": 4, "duplicate_days": 0.0})
    outcome = ChaosRun(
        settings,
        tmp_path,
        seed=7,
        plan=("workers killed after an alert", "workers killed"),
        pause=(1.0, 2.0),
        workers=1,
        fault=fault,
    ).run()
    assert outcome.verdict.lost == 0
    if fault:
        assert outcome.verdict.counted_twice > 0
        assert any("counted twice" in one for one in outcome.faults)
    else:
        assert outcome.faults == []
