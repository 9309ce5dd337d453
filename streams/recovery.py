"""Restoring state before events flow, in an order that loses nothing.

Faust has no tables here: our engine keeps the state. What remains of its recovery is the moment after a rebalance, and
there its own order (resume partitions, seek, then empty the queues) drops records that were already fetched. Here the
queues are emptied first, then the positions are set, and only then records may flow.
"""

from typing import Any

from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery

from andon.streams.changelog import StateCorrupt


class EngineRecovery(Recovery):
    """Restores the engine's shards after a rebalance and resumes the streams."""

    async def _resume_streams(self, generation_id: int = 0) -> None:
        app: Any = self.app
        consumer = app.consumer
        await app.on_rebalance_complete.send()
        if app.consumer_generation_id != generation_id:
            return
        consumer.stop_flow()
        await consumer.wait_for_stopped_flow()
        app.flow_control.resume()
        assignment = consumer.assignment()
        try:
            await self._wait(app.engine.restore(assignment, generation_id))
        except StateCorrupt as error:
            await app.crash(error)
            raise
        if app.consumer_generation_id != generation_id:
            return
        consumer.resume_partitions(assignment)
        self.completed.set()
        consumer.resume_flow()
        await app._fetcher.maybe_start()  # noqa: SLF001
        self.tables.on_actives_ready()
        self.tables.on_standbys_ready()
        app.on_rebalance_end()


class EngineTableManager(TableManager):
    """A table manager without tables: its recovery restores the engine's shards."""

    _recovery: Recovery | None

    @property
    def recovery(self) -> Recovery:
        """The recovery service."""
        if self._recovery is None:
            self._recovery = EngineRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery
