import os
import uuid

import hypothesis
import pytest
from support.brokers import broker_for_tests
from support.workers import end_all

from andon.streams.admin import TopicAdmin
from andon.streams.settings import load_settings

# The same examples every time, and no law fails because the machine is busy.
hypothesis.settings.register_profile("andon", deadline=None, derandomize=True)
hypothesis.settings.load_profile("andon")
#: At least so many examples of every law, whatever it says itself: for a long look at some of them, now and then.
EXAMPLES = int(os.environ.get("ANDON_TEST_EXAMPLES", "0"))


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no process is left alone with it; let laws try as many examples as are asked for."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items if EXAMPLES else ():
        law = getattr(item, "obj", None)
        own = getattr(law, "_hypothesis_internal_use_settings", None)
        if own is not None:
            law._hypothesis_internal_use_settings = hypothesis.settings(
                own,
                max_examples=max(own.max_examples, EXAMPLES),
                suppress_health_check=list(hypothesis.HealthCheck),
            )


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    """A running broker, one for the whole session."""
    running = broker_for_tests(tmp_path_factory.mktemp("broker"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _on_apache_only(request):
    """Skip what the embedded broker cannot do."""
    if request.node.get_closest_marker("apache"):
        running = request.getfixturevalue("broker")
        if running.kind == "embedded":
            pytest.skip(
                "the embedded broker loses members in a rebalance, and records in a transaction"
            )


@pytest.fixture
def settings(broker, tmp_path):
    """Settings whose topics no other test sees."""
    return load_settings(
        broker=broker.bootstrap,
        prefix=f"t-{uuid.uuid4().hex[:10]}",
        partitions=4,
        metrics_port=0,
        allowed_lateness_hours=0.0,
        data_dir=tmp_path,
    )


@pytest.fixture
def topics(settings):
    """All topics, made; workers that the test leaves behind are killed."""
    with TopicAdmin(settings) as admin:
        admin.create()
    yield settings
    end_all()
