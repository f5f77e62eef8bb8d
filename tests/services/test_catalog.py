"""Products from the first draft to the last restore."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.container import Container
from services.errors import Conflict, InvalidInput, MissingColumns, NotAllowed, NotFound
from services.models.products import FileRole, NewProduct, ProductChanges, ProductQuery, ProductStatus
from services.unit_of_work import unit_of_work
from tests.support.products import draft, person, published, with_columns, with_file, with_status


def test_a_draft_holds_what_was_filled_in(container: Container) -> None:
    owner = person(container, "owner1")
    container.releases.create("dp1", "Data Preview 1")
    new = NewProduct("  Simple training set ", "training set", release="dp1", description="Text", release_year=2026)
    made = container.catalog.register(owner, new)
    assert made.internal_name == f"{made.id}_simple_training_set"
    assert (made.display_name, made.product_type) == ("Simple training set", "training_set")
    assert (made.release_name, made.status, made.official) == ("Data Preview 1", ProductStatus.REGISTERING, False)
    assert (made.description, made.release_year, made.origin) == ("Text", 2026, "Upload")
    assert container.catalog.get(owner, made.id) == made


@pytest.mark.parametrize("name", ["😀" * 255, "!!!", "é" * 255, "x" * 255])
def test_names_of_any_letters_get_an_address(container: Container, name: str) -> None:
    owner = person(container, "owner1")
    made = draft(container, owner, name)
    assert made.display_name == name
    assert made.internal_name.isascii()
    assert len(made.internal_name) <= 255
    assert container.catalog.find(owner, made.internal_name) == made


def test_a_name_cannot_turn_the_text_around_it(container: Container) -> None:
    assert draft(container, person(container, "owner1"), "deep \u202efield\u2066").display_name == "deep field"


def test_release_is_taken_by_id_name_or_display_name(container: Container) -> None:
    owner = person(container, "owner1")
    release = container.releases.create("dp1", "Data Preview 1")
    for word in (release.id, str(release.id), "DP1", "data preview 1"):
        assert draft(container, owner, release=word).release_id == release.id
    assert draft(container, owner, release="").release_id is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"display_name": ""}, "display_name"),
        ({"display_name": "  "}, "display_name"),
        ({"display_name": "\u200b\u202e"}, "display_name"),
        ({"display_name": "x" * 256}, "display_name"),
        ({"display_name": "two\nlines"}, "display_name"),
        ({"product_type": "nonsense"}, "product_type"),
        ({"product_type": ""}, "product_type"),
        ({"release": "unknown"}, "release"),
        ({"release": 99}, "release"),
        ({"product_type": "specz_catalog", "release": "dp1"}, "release"),
        ({"product_type": "specz_catalog", "pz_code": "BPZ"}, "pz_code"),
        ({"product_type": "training_set", "pz_code": "BPZ"}, "pz_code"),
        ({"product_type": "training_results", "pz_code": "BPZ"}, "pz_code"),
        ({"pz_code": "x" * 56}, "pz_code"),
        ({"description": "x" * 100_001}, "description"),
        ({"release_year": 26}, "release_year"),
        ({"official": "yes"}, "official"),
    ],
)
def test_unfit_fields_are_refused_by_name_and_leave_nothing_behind(
    sqlite_container: Container, fields: dict[str, object], field: str
) -> None:
    owner = person(sqlite_container, "owner1")
    sqlite_container.releases.create("dp1", "DP1")
    filled = {"display_name": "A sample", "product_type": "photoz_table", **fields}
    with pytest.raises(InvalidInput) as caught:
        sqlite_container.catalog.register(owner, NewProduct(**filled))  # type: ignore[arg-type]
    assert caught.value.field == field
    assert draft(sqlite_container, owner).id == 1


def test_official_and_closed_releases_are_refused_to_users(container: Container) -> None:
    owner, admin = person(container, "owner1"), person(container, "curator", is_admin=True)
    container.releases.create("dp1", "DP1", groups=["inner"])
    for fields in ({"official": True}, {"release": "dp1"}):
        with pytest.raises(NotAllowed):
            draft(container, owner, **fields)
        assert draft(container, admin, **fields).owner_id == admin.user_id


def test_products_are_found_by_name_and_by_plain_ids_only(container: Container) -> None:
    owner = person(container, "owner1")
    made = draft(container, owner, "A sample")
    assert container.catalog.find(owner, "1") == container.catalog.find(owner, "1_a_sample") == made
    for address in ("+1", "01", " 1", "1 ", "١", "1_A_sample", "", "99", "9" * 10, "9" * 40, "a\x00b", "\ud800"):
        with pytest.raises(NotFound):
            container.catalog.find(owner, address)
    with pytest.raises(NotFound):
        container.catalog.get(owner, 2**70)


def test_changes_are_kept_and_told(container: Container) -> None:
    owner = person(container, "owner1")
    container.releases.create("dp1", "DP1")
    made = draft(container, owner, "Before", "training_set", description="Text")
    changed = container.catalog.update(
        owner, made.id, ProductChanges({"display_name": "After", "release": "dp1", "description": None})
    )
    assert (changed.display_name, changed.release_name, changed.description) == ("After", "DP1", None)
    assert changed.internal_name == made.internal_name
    assert changed.updated_at > made.updated_at
    event = container.catalog.history(owner, made.id)[0]
    assert (event.what, event.actor_display_name) == ("edited", "owner1")
    assert event.details == {
        "changed": {"display_name": ["Before", "After"], "release_id": [None, 1], "description": ["Text", None]}
    }
    assert container.catalog.search(owner, ProductQuery(search="after")).total == 1
    assert container.catalog.update(owner, made.id, ProductChanges({"release": ""})).release_id is None


def test_saving_what_stands_there_is_no_change(container: Container) -> None:
    owner, admin = person(container, "owner1"), person(container, "curator", is_admin=True)
    made = draft(container, owner)
    container.catalog.update(admin, made.id, ProductChanges({"official": True}))
    before = container.catalog.get(owner, made.id)
    same = {"display_name": made.display_name, "official": True, "pz_code": "", "release": None}
    assert container.catalog.update(owner, made.id, ProductChanges(same)) == before
    with pytest.raises(NotAllowed):
        container.catalog.update(owner, made.id, ProductChanges({"official": False}))


def test_a_release_closed_meanwhile_does_not_bar_other_edits(container: Container) -> None:
    admin, owner = person(container, "curator", is_admin=True), person(container, "owner1")
    made = draft(container, owner)
    release = container.releases.create("dp1", "DP1", groups=["inner"])
    container.catalog.update(admin, made.id, ProductChanges({"release": "dp1"}))
    changed = container.catalog.update(owner, made.id, ProductChanges({"release": release.id, "description": "Text"}))
    assert (changed.release_id, changed.description) == (release.id, "Text")


@pytest.mark.parametrize(
    "changes",
    [
        {"display_name": ""},
        {"display_name": None},
        {"display_name": 5},
        {"pz_code": "BPZ"},
        {"release": "nowhere"},
        {"status": 5},
        {"status": "1"},
        {"status": True},
        {"internal_name": "x"},
        {"official": "true"},
        {"release_year": "MMXXVI"},
    ],
)
def test_unfit_changes_change_nothing(sqlite_container: Container, changes: dict[str, object]) -> None:
    owner = person(sqlite_container, "owner1")
    made = draft(sqlite_container, owner, kind="training_set")
    with pytest.raises(InvalidInput):
        sqlite_container.catalog.update(owner, made.id, ProductChanges({"description": "new", **changes}))
    assert sqlite_container.catalog.get(owner, made.id) == made


def test_a_spec_z_catalog_keeps_clear_of_releases(container: Container) -> None:
    owner = person(container, "owner1")
    container.releases.create("dp1", "DP1")
    made = draft(container, owner, kind="specz_catalog")
    with pytest.raises(InvalidInput, match="belongs to no release"):
        container.catalog.update(owner, made.id, ProductChanges({"release": "dp1"}))


def test_others_change_nothing(container: Container) -> None:
    owner, other = person(container, "owner1"), person(container, "owner2")
    hidden, seen = draft(container, owner), published(container, owner)
    acts = (
        lambda product_id: container.catalog.update(other, product_id, ProductChanges({"description": "x"})),
        lambda product_id: container.catalog.publish(other, product_id),
        lambda product_id: container.catalog.delete(other, product_id),
        lambda product_id: container.catalog.set_role(other, product_id, "z", "redshift"),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act(hidden.id)
        with pytest.raises(NotAllowed):
            act(seen.id)
    asks = (container.catalog.files, container.catalog.columns, container.catalog.history, container.catalog.role_map)
    for ask in asks:
        with pytest.raises(NotFound):
            ask(other, hidden.id)
        ask(other, seen.id)


def test_metadata_only_products_of_any_type_are_published(container: Container) -> None:
    owner = person(container, "owner1")
    made = published(container, owner, kind="specz_catalog")
    assert made.status is ProductStatus.PUBLISHED
    assert container.catalog.publish(owner, made.id) == made
    assert [event.what for event in container.catalog.history(owner, made.id)] == ["published", "registered"]


def test_publishing_names_what_is_missing_and_where_to_choose(container: Container) -> None:
    owner = person(container, "owner1")
    made = draft(container, owner, kind="specz_catalog")
    with_file(container, made)
    with_columns(container, made, "alpha", "dec", "z1", "note")
    container.catalog.set_role(owner, made.id, "dec", "dec")
    with pytest.raises(MissingColumns, match="RA, redshift") as caught:
        container.catalog.publish(owner, made.id)
    assert caught.value.missing == ("RA", "z")
    assert caught.value.candidates["RA"] == ("alpha",)
    assert "note" in caught.value.candidates["z"]
    assert container.catalog.get(owner, made.id).status is ProductStatus.REGISTERING
    container.catalog.set_role(owner, made.id, "alpha", "ra")
    container.catalog.set_role(owner, made.id, "z1", "redshift")
    assert container.catalog.publish(owner, made.id).status is ProductStatus.PUBLISHED


def test_products_being_read_or_unreadable_are_not_published(container: Container) -> None:
    owner = person(container, "owner1")
    made = draft(container, owner)
    with_status(container, made, ProductStatus.PROCESSING)
    with pytest.raises(Conflict, match="still being read"):
        container.catalog.publish(owner, made.id)
    with_status(container, made, ProductStatus.FAILED, "a.csv: line 3 is torn.")
    with_file(container, made)
    with pytest.raises(Conflict, match="line 3 is torn"):
        container.catalog.publish(owner, made.id)


def test_a_failed_product_without_its_file_may_be_published(container: Container) -> None:
    owner = person(container, "owner1")
    made = draft(container, owner)
    with_status(container, made, ProductStatus.FAILED, "a.csv: line 3 is torn.")
    again = container.catalog.publish(owner, made.id)
    assert (again.status, again.status_reason) == (ProductStatus.PUBLISHED, None)


MOVES = {
    ProductStatus.REGISTERING: {ProductStatus.PUBLISHED, ProductStatus.FAILED},
    ProductStatus.PUBLISHED: set(),
    ProductStatus.PROCESSING: {ProductStatus.PUBLISHED, ProductStatus.FAILED},
    ProductStatus.FAILED: {ProductStatus.REGISTERING, ProductStatus.PUBLISHED},
}


@pytest.mark.parametrize("old", MOVES)
@pytest.mark.parametrize("new", ProductStatus)
def test_statuses_move_along_the_table_only(
    sqlite_container: Container, old: ProductStatus, new: ProductStatus
) -> None:
    owner = person(sqlite_container, "owner1")
    made = draft(sqlite_container, owner)
    with_status(sqlite_container, made, old)
    changes = ProductChanges({"status": int(new), "description": "new"})
    if new in MOVES[old] | {old}:
        assert sqlite_container.catalog.update(owner, made.id, changes).status is new
    else:
        with pytest.raises(Conflict, match=f"from {old.label} to {new.label}"):
            sqlite_container.catalog.update(owner, made.id, changes)
        kept = sqlite_container.catalog.get(owner, made.id)
        assert (kept.status, kept.description) == (old, None)


def test_a_status_waits_for_the_job_that_reads(container: Container) -> None:
    owner = person(container, "owner1")
    made = draft(container, owner)
    with_file(container, made)
    job = container.uploads.process(owner, made.id)
    for status in (ProductStatus.PUBLISHED, ProductStatus.FAILED):
        with pytest.raises(Conflict, match="still being read"):
            container.catalog.update(owner, made.id, ProductChanges({"status": int(status)}))
    claimed = container.jobs.claim(job.id, "worker")
    assert claimed is not None
    with unit_of_work(container.sessions) as unit:
        container.jobs.fail(unit, claimed, "The reader stopped.")
    failed = container.catalog.update(owner, made.id, ProductChanges({"status": int(ProductStatus.FAILED)}))
    assert failed.status is ProductStatus.FAILED


def test_the_oldest_draft_is_ones_own(container: Container) -> None:
    owner, other = person(container, "owner1"), person(container, "owner2")
    assert container.catalog.oldest_draft(owner) is None
    published(container, owner)
    first, _ = draft(container, owner, "First"), draft(container, owner, "Second")
    draft(container, other, "Other")
    assert container.catalog.oldest_draft(owner) == first


def test_a_product_begins_as_a_draft(sqlite_container: Container) -> None:
    owner = person(sqlite_container, "owner1")
    for status in (1, 2, 5, "0", None):
        with pytest.raises(InvalidInput) as caught:
            draft(sqlite_container, owner, status=status)
        assert caught.value.field == "status"
    assert draft(sqlite_container, owner, status=0).id == 1


def test_a_type_is_taken_by_its_id_too(sqlite_container: Container) -> None:
    owner = person(sqlite_container, "owner1")
    kinds = [draft(sqlite_container, owner, kind=str(number)).product_type for number in range(1, 8)]
    assert kinds == ["redshift_catalog", "training_set", "validation_results", "photoz_estimates", "training_results",
                     "object_catalog", "other"]  # fmt: skip
    with pytest.raises(InvalidInput):
        draft(sqlite_container, owner, kind="8")


def test_delete_and_restore(container: Container) -> None:
    owner, other = person(container, "owner1"), person(container, "owner2")
    made = published(container, owner)
    file_id = with_file(container, made)
    container.catalog.delete(owner, made.id)
    for actor in (owner, other, person(container, "curator", is_admin=True)):
        with pytest.raises(NotFound):
            container.catalog.get(actor, made.id)
        with pytest.raises(NotFound):
            container.catalog.file(actor, file_id)
    with pytest.raises(NotFound):
        container.catalog.delete(owner, made.id)
    with pytest.raises(NotFound):
        container.catalog.restore(other, made.id)
    assert container.catalog.search(owner, ProductQuery()).total == 0
    restored = container.catalog.restore(owner, made.id)
    assert restored.status is ProductStatus.PUBLISHED
    with pytest.raises(NotFound):
        container.catalog.restore(owner, made.id)
    assert [event.what for event in container.catalog.history(owner, made.id)][:2] == ["restored", "deleted"]


def test_a_restored_draft_is_a_draft(container: Container) -> None:
    owner = person(container, "owner1")
    made = draft(container, owner)
    container.catalog.delete(owner, made.id)
    assert container.catalog.restore(owner, made.id).status is ProductStatus.REGISTERING


def test_files_and_their_sums(container: Container) -> None:
    owner, other = person(container, "owner1"), person(container, "owner2")
    made = draft(container, owner)
    main = with_file(container, made, "a.csv", size_bytes=2**40)
    extra = with_file(container, made, "b.txt", FileRole.AUXILIARY, size_bytes=5)
    seen = container.catalog.get(owner, made.id)
    assert (seen.size_bytes, seen.main_file_name) == (2**40 + 5, "a.csv")
    assert [file.id for file in container.catalog.files(owner, made.id)] == [main, extra]
    assert container.catalog.file(owner, extra).role is FileRole.AUXILIARY
    for actor, file_id in ((other, main), (owner, 99), (owner, 0), (owner, 2**40)):
        with pytest.raises(NotFound):
            container.catalog.file(actor, file_id)


def test_counts_and_newest_are_of_published_products(container: Container) -> None:
    owner, admin = person(container, "owner1"), person(container, "curator", is_admin=True)
    draft(container, owner)
    first, second = published(container, owner, "First"), published(container, owner, "Second")
    third = published(container, admin, "Third", official=True)
    assert container.catalog.counts(owner) == (1, 2)
    assert container.catalog.newest(owner, 2) == (third, second)
    assert first in container.catalog.newest(owner, 10)


def test_parallel_changes_lose_nothing(container: Container) -> None:
    owner = person(container, "owner1")
    made = draft(container, owner, kind="other")
    names = [f"column{number}" for number in range(12)]
    with_columns(container, made, *names)

    def change(number: int) -> None:
        container.catalog.set_role(owner, made.id, names[number], "redshift")
        container.catalog.update(owner, made.id, ProductChanges({"description": str(number)}))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(change, range(12)))
    columns = container.catalog.columns(owner, made.id)
    assert len([column for column in columns if column.role == "redshift"]) == 1
    assert len(container.catalog.history(owner, made.id)) == 1 + 2 * 12
    assert len({draft(container, owner).internal_name for _ in range(3)}) == 3
