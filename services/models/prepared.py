"""Downloads made ready, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PreparedKind(StrEnum):
    """What can be made ready: everything of a product as a zip, or its main file alone."""

    PRODUCT = "product"
    MAIN_FILE = "main_file"


class PreparedState(StrEnum):
    """How far a download is; the words are part of the REST contract."""

    PENDING = "pending"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A download of a product in one state, identified by the ``signature`` of its sources.

    ``key`` is the address of the bytes in the store, which is their SHA-256; None until they are there. ``error`` says
    why a failed one failed.
    """

    id: int
    product_id: int
    kind: PreparedKind
    signature: str
    name: str
    state: PreparedState
    job_id: int | None
    key: str | None
    size_bytes: int | None
    error: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime

    @property
    def is_active(self) -> bool:
        """Whether it is still to be made."""
        return self.state in {PreparedState.PENDING, PreparedState.RUNNING}
