"""Prophet finds the shape of the week, at unit mean, and says when there is too little to find one in."""

import statistics

import pytest

from andon.agents.fitting import Configuration, TooShort, fit

FIRST = 20_000
WEEK = (4, 6, 8, 10, 12, 20, 10)


def test_the_shape_of_the_week_is_found_at_unit_mean_and_goes_on_into_the_future():
    sold = [WEEK[day % 7] for day in range(84)]
    shape = fit(FIRST, sold, 14, Configuration())
    assert len(shape) == 98
    assert statistics.fmean(shape[:84]) == pytest.approx(1.0, abs=0.01)
    for day in range(84, 98):
        assert shape[day] == pytest.approx(WEEK[day % 7] / 10, abs=0.03)


def test_days_of_which_nothing_is_known_do_not_bend_the_shape():
    sold = [None if day % 9 == 0 else WEEK[day % 7] for day in range(126)]
    shape = fit(FIRST, sold, 7, Configuration())
    assert shape[-7:] == pytest.approx([WEEK[day % 7] / 10 for day in range(126, 133)], abs=0.05)


@pytest.mark.parametrize("sold", [[5] * 20, [0] * 60, [None] * 60, []])
def test_too_little_to_find_a_shape_in_is_an_error_that_says_so(sold):
    with pytest.raises(TooShort, match="at least 21 known days"):
        fit(FIRST, sold, 7, Configuration())
