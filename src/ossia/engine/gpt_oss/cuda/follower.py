"""The process of a rank that does not lead: `python -m ossia.engine.gpt_oss.cuda.follower FD`.

It loads its shard as the first message on the connection FD says, then runs all work that it is told, until the leader
ends. What goes wrong is told to the leader, who ends then.
"""

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from ossia.config import Settings
from ossia.engine.gpt_oss.cuda.failures import explained
from ossia.engine.gpt_oss.cuda.followers import Task
from ossia.engine.gpt_oss.cuda.work import Computer
from ossia.logs import log_to_stderr
from ossia.split import open_model

_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG of prctl(2)

logger = logging.getLogger(__name__)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the server, which ends the leader
    log_to_stderr(logging.WARNING, Settings.from_env().log_format)
    follow(Connection(int(sys.argv[1])), load)


def follow(connection: Connection, load: Callable[[Task], Computer]) -> None:
    """Load the task that the leader sends, and run all work that it tells."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)  # also while kernels here wait for the leader's
    try:
        task: Task = connection.recv()
        if os.getppid() != task.leader:  # it was killed before its death would have been told
            raise EOFError
        computer = load(task)
        while True:
            computer.run(connection.recv())
    except EOFError:
        os._exit(0)  # the leader has ended
    except Exception as error:
        logger.exception("a rank of the model ends")
        connection.send(str(explained(error) or error))
        os._exit(1)


def load(task: Task) -> Computer:
    from ossia.engine.gpt_oss.cuda.start import build

    return build(open_model(*map(Path, task.files)), task)[0]


if __name__ == "__main__":
    main()
