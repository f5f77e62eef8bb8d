"""Releases."""

import pytest

from services.container import Container
from services.errors import Conflict, InvalidInput
from tests.support.products import person


def test_people_see_open_releases_and_those_of_their_groups(container: Container) -> None:
    container.releases.create("dp0", "DP0", "The first", groups=["inner"], is_public=True)
    container.releases.create("dp1", "DP1", groups=["inner"])
    container.releases.create("dp2", "DP2")
    inside, outside = person(container, "owner1", groups=["inner"]), person(container, "owner2")
    admin = person(container, "curator", is_admin=True)
    assert [release.name for release in container.releases.visible(inside)] == ["dp2", "dp1", "dp0"]
    assert [release.name for release in container.releases.visible(outside)] == ["dp2", "dp0"]
    assert [release.name for release in container.releases.visible(admin)] == ["dp2", "dp1", "dp0"]


def test_a_release_shows_what_it_was_made_of(container: Container) -> None:
    made = container.releases.create("dp1", " Data Preview 1 ", "Text", groups=["a", "b", "a"])
    assert (made.name, made.display_name, made.description, made.is_public) == ("dp1", "Data Preview 1", "Text", False)
    assert len(made.group_ids) == 2


def test_names_are_unique(container: Container) -> None:
    container.releases.create("dp1", "DP1")
    with pytest.raises(Conflict, match="already a release"):
        container.releases.create("dp1", "Another")


@pytest.mark.parametrize(
    ("name", "title"), [("", "x"), ("two words", "x"), ("none", "x"), ("x" * 256, "x"), ("dp1", " "), ("dp1", "a\nb")]
)
def test_unfit_releases_are_refused(sqlite_container: Container, name: str, title: str) -> None:
    with pytest.raises(InvalidInput):
        sqlite_container.releases.create(name, title)
