"""The six lessons of `andon tour`, in their order."""

from typing import Final

from andon.rehearsal.lessons_of_a_network import DIAL, PORT, WASTE
from andon.rehearsal.lessons_of_a_shelf import DELAY, ORDER, SPIKE
from andon.rehearsal.tour import Lesson

LESSONS: Final[tuple[Lesson, ...]] = (ORDER, DELAY, SPIKE, PORT, WASTE, DIAL)
