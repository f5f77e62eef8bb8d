"""How a process that reads files talks with its parent: tasks as lines on standard input, answers beside the log."""

from __future__ import annotations

import os
import queue
import sys


def private_output() -> int:
    """Keep the answers apart: whatever a library prints goes to the log instead."""
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def follow_input(lines: queue.SimpleQueue[str]) -> None:
    """Pass lines on; the end of the input ends this process, also in the middle of a job."""
    for line in sys.stdin:
        lines.put(line.strip())
    os._exit(0)
