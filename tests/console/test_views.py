"""A view is made once for all who ask for it, and anew when it changes: at once if that is quick."""

import pytest

from andon.console.views import Views


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


class Maker:
    """Makes views, each in its time, and counts them."""

    def __init__(self, cost):
        self.clock = Clock()
        self.views = Views(self.clock)
        self.count = 0
        self._cost = cost

    def get(self, asked="all", version=1):
        return self.views.get(asked, version, self._make)

    def _make(self):
        self.clock.now += self._cost
        self.count += 1
        return str(self.count).encode()


@pytest.mark.parametrize(
    ("cost", "version", "later", "known"),
    [
        (0.004, 1, 9.0, True),
        (0.004, 1, 11.0, False),
        (0.004, 2, 0.0, False),
        (0.02, 2, 0.07, True),
        (0.02, 2, 0.09, False),
        (1.0, 2, 3.9, True),
        (1.0, 2, 4.1, False),
        (5.0, 1, 11.0, False),
    ],
)
def test_a_view_is_shown_as_long_as_it_is_new_enough(cost, version, later, known):
    maker = Maker(cost)
    assert maker.get() == b"1"
    maker.clock.now += later
    assert maker.get(version=version) == (b"1" if known else b"2")
    assert maker.get("other") != b"1"


def test_only_the_last_views_are_kept():
    maker = Maker(0.01)
    for number in range(100):
        maker.get(str(number))
    maker.get("36")
    assert maker.count == 100
    maker.get("35")
    assert maker.count == 101
