"""The worker's process says what it has to say in its log, and nothing beside it."""

import io

import faust

from andon.streams.bounded import BoundedWorker


def test_a_start_writes_nothing_to_where_output_goes():
    out = io.StringIO()
    app = faust.App("a-test", broker="kafka://127.0.0.1:1")
    worker = BoundedWorker(
        app, shutdown_seconds=1.0, quiet=True, stdout=out, redirect_stdouts=False
    )
    worker._on_startup_end_spinner()
    assert out.getvalue() == ""
