"""`andon connect folder --once`, again and again, killed at chance moments: between reading, publishing, noting and putting away.

Each life is a fork, so that it begins at once. Arguments: broker, prefix, folder, seed. Prints how many lives were cut short.
"""

import os
import random
import shutil
import signal
import sys

from dying import dying

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


#: Where a life may end.
PLACES = (
    (BulkPublisher, "add"),
    (BulkPublisher, "flush"),
    (folder.Inbox, "put_away"),
    (shutil, "move"),
)


def life(arguments, chance):
    """Run the command in a fork that dies at a chance moment; return whether it lived."""
    by_time, steps, seconds = chance.random() < 0.4, chance.randint(1, MOST_STEPS), chance.uniform(0.05, MOST_SECONDS)  # fmt: skip
    child = os.fork()
    if child == 0:
        # However fast the machine is, no life gets far.
        dying(steps, PLACES)
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
