"""Tasks of workers, which import them by this name."""

import os
import signal
from pathlib import Path


def squared(number):
    return number * number


def dies_once(path):
    """Ends its process the first time, and at 13 always."""
    folder, number = path
    mark = Path(folder, str(number))
    if number == 13 or (number % 5 == 0 and not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number
