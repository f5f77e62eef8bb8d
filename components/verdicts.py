"""Words for the verdicts of the checks, wherever they stand."""

from __future__ import annotations

from services.models.quality import NOT_RUN, Verdict

VERDICT_WORDS = {
    Verdict.GOOD: ("Good", "No check found anything to worry about"),
    Verdict.CHECK: ("Check", "Some findings of the checks deserve a look"),
    Verdict.SERIOUS: ("Serious", "Some findings will spoil what is computed from this table"),
}
"""Verdict of the checks: its word, and what it means."""


def state_word(state: str) -> str:
    """Word for a state that lists are filtered by."""
    return "Not run" if state == NOT_RUN else VERDICT_WORDS[Verdict(state)][0]
