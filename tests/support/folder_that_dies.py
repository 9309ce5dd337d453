"""`andon connect folder --once`, again and again, killed at chance moments: between reading, publishing, noting and putting away.

Each life is a fork, so that it begins at once. Arguments: broker, prefix, folder, seed. Prints how many lives were cut short.
"""

import os
import random
import shutil
import signal
import sys
from functools import wraps

from andon.cli import main
from andon.connect import folder
from andon.connect.imports import ledger
from andon.streams.bulk import BulkPublisher

#: So few events are noted at once that there is much between two notes.
CHUNK = 7
#: A life that is to end at a step ends within so many.
MOST_STEPS = 50
#: One that is to end at a time ends within so many seconds; a whole one takes longer.
MOST_SECONDS = 1.0
MOST_LIVES = 400


def dying(steps):
    """Count steps from here on, and end without a word at one of them."""
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

    BulkPublisher.add = around_async(BulkPublisher.add)
    BulkPublisher.flush = around_async(BulkPublisher.flush)
    folder.Inbox.put_away = around(folder.Inbox.put_away)
    shutil.move = around(shutil.move)


def life(arguments, chance):
    """Run the command in a fork that dies at a chance moment; return whether it lived."""
    by_time, steps, seconds = chance.random() < 0.4, chance.randint(1, MOST_STEPS), chance.uniform(0.05, MOST_SECONDS)  # fmt: skip
    child = os.fork()
    if child == 0:
        # However fast the machine is, no life gets far.
        dying(steps)
        if by_time:
            # Nobody handles the alarm: it ends the process as a SIGKILL does, wherever it is.
            signal.setitimer(signal.ITIMER_REAL, seconds)
        os._exit(main.code_of(arguments))
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(f"it failed with {os.WEXITSTATUS(status)}")
    return os.WIFEXITED(status)


def run():
    broker, prefix, inbox, seed = sys.argv[1:]
    ledger.CHUNK = CHUNK
    chance = random.Random(int(seed))
    arguments = ["--broker", broker, "--prefix", prefix, "connect", "folder", inbox, "--once", "--settled", "0"]  # fmt: skip
    for killed in range(MOST_LIVES):
        if life(arguments, chance):
            print(killed)
            return
    sys.exit(f"it did not come to an end in {MOST_LIVES} lives")


if __name__ == "__main__":
    run()
