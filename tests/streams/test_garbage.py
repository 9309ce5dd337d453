"""The cyclic collector keeps away from what lives long and from what passes through."""

import gc
from collections.abc import Iterator

import pytest

from andon.streams.garbage import collect_rarely, spare_the_living


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_the_objects_of_a_fetch_make_nobody_look_for_garbage() -> None:
    collect_rarely()
    gc.collect()
    looked: list[str] = []
    gc.callbacks.append(lambda phase, _: looked.append(phase))
    try:
        held = [[number] for number in range(50_000)]
    finally:
        gc.callbacks.pop()
    assert len(held) == 50_000
    assert looked == []


def test_what_lives_at_a_restore_is_not_looked_at_again_but_is_freed_when_nothing_refers_to_it() -> (
    None
):
    class Book:
        freed = 0

        def __del__(self) -> None:
            Book.freed += 1

    books = [Book() for _ in range(10)]
    spare_the_living()
    assert gc.get_freeze_count() >= len(books)
    books.clear()
    assert Book.freed == 10


def test_cycles_that_leak_later_are_still_found() -> None:
    class Node:
        found = 0

        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            Node.found += 1

    spare_the_living()
    Node()
    gc.collect()
    assert Node.found == 1
