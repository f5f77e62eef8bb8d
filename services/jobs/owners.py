"""Names of workers, and whether the worker behind a name is still alive."""

from __future__ import annotations

import os
import socket

import psutil


def worker_name(slot: int = 0) -> str:
    """Name of this process: machine, process, the moment it started (ids of processes are used again), slot."""
    started = int(psutil.Process().create_time())
    return f"{socket.gethostname()[:60]}/{os.getpid()}/{started}/{slot}"


def is_known_dead(name: str) -> bool:
    """Whether that worker ran on this machine and is gone; False where this machine cannot tell."""
    host, _, rest = name.partition("/")
    numbers = rest.split("/")
    if host != socket.gethostname()[:60] or len(numbers) != 3 or not all(number.isdigit() for number in numbers):
        return False
    try:
        process = psutil.Process(int(numbers[0]))
        return int(process.create_time()) != int(numbers[1]) or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
