"""Short lines for the person at the keyboard, in the only place of the package that prints."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Print one line at once, so that it stands before a long wait."""
    print(text, flush=True)


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this process; IPython is asked only if somebody else has loaded it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
