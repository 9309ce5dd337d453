import asyncio

import pytest

from andon.streams.guard import TopicsChanged, TopicShape, changes, shapes, watch_topics

BEFORE = {"pos": TopicShape(4, "a"), "state": TopicShape(4, None)}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (BEFORE, []),
        ({**BEFORE, "new": TopicShape(1, "z")}, []),
        ({**BEFORE, "pos": TopicShape(4, None)}, []),
        ({**BEFORE, "state": TopicShape(4, "b")}, []),
        ({"pos": BEFORE["pos"]}, ["topic state was deleted"]),
        ({**BEFORE, "pos": TopicShape(8, "a")}, ["topic pos has 8 partitions now, not 4"]),
        ({**BEFORE, "pos": TopicShape(4, "b")}, ["topic pos was deleted and made anew"]),
        ({}, ["topic pos was deleted", "topic state was deleted"]),
    ],
)
def test_what_happened_to_a_topic_is_said_in_a_sentence(now, said):
    assert changes(BEFORE, now) == said


@pytest.mark.integration
def test_a_change_that_lasts_ends_the_watch_and_one_that_was_seen_once_does_not(topics):
    before = shapes(topics)
    looks = []

    async def pack(seconds):
        del seconds
        looks.append(1)
        if len(looks) == 1:
            before["ghost"] = TopicShape(1, None)
        elif len(looks) == 2:
            del before["ghost"]
        elif len(looks) == 3:
            before["gone"] = TopicShape(1, None)

    with pytest.raises(TopicsChanged, match="topic gone was deleted, while the worker ran"):
        asyncio.run(watch_topics(topics, before, pack))
    assert len(looks) == 4
