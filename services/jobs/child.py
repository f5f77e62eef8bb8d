"""The process in which one file at a time is read: ``python -m services.jobs.child``.

What people upload meets parsers written in C. When one of them crashes, runs out of memory or hangs, this process dies
and nothing else does. It is started ahead of need, so that the imports are done when a job comes.

It takes ids of jobs as lines on standard input, and answers ``ready`` once, ``<id>`` after each job, and ``! reason``
before it gives up. It ends when its input ends, which is also how it notices that its worker is gone.
"""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import queue
import resource
import signal
import sys
import threading
from contextlib import suppress

from services.container import Container, build_container
from services.errors import Conflict, PZServerError
from services.jobs.child_lines import follow_input, private_output
from services.jobs.ingest import work_home
from services.jobs.kinds import KINDS
from services.jobs.processes import GAVE_UP
from services.jobs.warming import warm_up
from services.logs import configure_logging
from services.settings import Settings

_PR_SET_PDEATHSIG = 1

_log = logging.getLogger(__name__)


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies; elsewhere the end of the input does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _answer(answers: int, word: str) -> None:
    os.write(answers, f"{word}\n".encode())


def _run(container: Container, job_id: int, answers: int) -> None:
    """One job. A storage that is away fails the attempt, and the worker is told why."""
    try:
        job = container.jobs.get(job_id)
        KINDS[job.kind].run(container, job)
    except Conflict:
        _log.warning("A job was given to another worker; this attempt is dropped", extra={"job_id": job_id})
    except PZServerError as error:
        _log.exception("A job broke off", extra={"job_id": job_id})
        _answer(answers, f"{GAVE_UP}{' '.join(error.message.split())}")
        sys.exit(1)


def main() -> None:
    """Serve jobs until the input ends."""
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    configure_logging()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the worker decides
    answers = private_output()
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=follow_input, args=(lines,), daemon=True).start()
    container = build_container(Settings())
    with suppress(OSError):  # a full disk: the job will say so, in words for people
        warm_up(work_home(container))
    _answer(answers, "ready")
    while True:
        job_id = int(lines.get())
        _run(container, job_id, answers)
        _answer(answers, str(job_id))


if __name__ == "__main__":
    main()
