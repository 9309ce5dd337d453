"""Drills for the console are played in processes of their own."""

import asyncio

import pytest

from andon.cli.support.drills import drills
from andon.streams.errors import UserError


@pytest.mark.integration
def test_a_drill_in_a_process_of_its_own_says_what_it_needs(topics):
    with pytest.raises(UserError, match="a drill needs a worker's books"):
        asyncio.run(drills(topics)("supplier", "ACME", 86_400.0, 1.0))
