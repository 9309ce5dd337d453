"""Dying at a chance step: calls are counted, and at one of them the process ends as by SIGKILL."""

import os
import signal
from functools import wraps
from inspect import iscoroutinefunction


def dying(steps, places):
    """Count calls of some functions from here on, before and after each, and end without a word at one of these moments.

    Args:
        steps: at which.
        places: whose functions they are, and their names there.
    """
    left = [steps]

    def step():
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function):
        @wraps(function)
        def inner(*given, **named):
            step()
            found = function(*given, **named)
            step()
            return found

        return inner

    def around_async(function):
        @wraps(function)
        async def inner(*given, **named):
            step()
            found = await function(*given, **named)
            step()
            return found

        return inner

    for owner, name in places:
        function = getattr(owner, name)
        wrap = around_async if iscoroutinefunction(function) else around
        setattr(owner, name, wrap(function))
