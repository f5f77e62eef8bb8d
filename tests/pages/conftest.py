"""What tests of pages share: somebody signed in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.container import Container
from services.context import RequestContext, use_context
from services.models.identity import Actor
from tests.support.products import person


@pytest.fixture
def owner(sqlite_container: Container) -> Iterator[Actor]:
    """Somebody signed in, for the length of the test."""
    actor = person(sqlite_container, "owner1")
    with use_context(RequestContext(sqlite_container, actor, "test", base_url="http://pz.example")):
        yield actor
