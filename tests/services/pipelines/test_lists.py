"""Lists of runs and their filters, and a whole run, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.container import Container
from services.errors import Conflict, NotAllowed, NotFound
from services.models.processes import ProcessQuery, ProcessStatus
from tests.support.pipelines import catalogues, run_now, wish
from tests.support.products import person


def test_filters_and_a_whole_run_on_every_database(container: Container) -> None:
    owner, other = person(container, "owner1"), person(container, "owner2")
    release = container.releases.create("dp1", "Data Preview 1")
    first, second = catalogues(container, owner)
    combined = container.processes.start(owner, wish([first.id, second.id]))
    maker = container.processes.start(owner, wish([first.id], "training_set_maker", release=release.id))

    def found(**fields: object) -> list[int]:
        page = container.processes.search(owner, replace(ProcessQuery(), **fields))  # type: ignore[arg-type]
        assert page.total == len(page.items)
        return [process.id for process in page.items]

    assert found() == [maker.id, combined.id]
    assert found(sort="id") == [combined.id, maker.id]
    assert found(pipelines=("training_set_maker",)) == [maker.id]
    assert found(pipelines=()) == []
    assert found(has_release=True) == found(release_ids=(release.id,)) == [maker.id]
    assert found(has_release=False) == [combined.id]
    assert found(release_words=("PREVIEW", "dp1")) == found(any_release_words=("no", "preview")) == [maker.id]
    assert found(release_words=("preview", "no")) == found(release_words=("%",)) == []
    assert found(output_ids=(combined.output.id,)) == [combined.id]
    assert found(owner_ids=(other.user_id,)) == []
    assert container.processes.search(other, ProcessQuery()).total == 0
    process = run_now(container, owner, combined)
    assert process.status is ProcessStatus.SUCCESSFUL, process.comment
    assert found(statuses=(ProcessStatus.SUCCESSFUL,)) == [combined.id]
    assert [p.id for p in container.processes.search(other, ProcessQuery()).items] == [combined.id]
    assert container.catalog.get(other, process.output.id).process_id == combined.id


def test_only_the_owner_and_admins_stop_remove_and_read_logs(container: Container) -> None:
    owner, other, admin = (person(container, name, is_admin=name == "boss") for name in ("owner1", "owner2", "boss"))
    first, second = catalogues(container, owner)
    waiting = container.processes.start(owner, wish([first.id, second.id]))
    done = run_now(container, owner, container.processes.start(owner, wish([first.id, second.id])))
    for verb in (container.processes.stop, container.processes.delete, container.processes.log):
        with pytest.raises(NotFound):
            verb(other, waiting.id)
        with pytest.raises(NotAllowed):
            verb(other, done.id)
    with pytest.raises(Conflict, match="Successful"):
        container.processes.stop(admin, done.id)
    assert "rows of 2 catalogues" in container.processes.log(admin, done.id)
    assert container.processes.stop(admin, waiting.id).comment == "Stopped by boss."
    container.processes.delete(admin, waiting.id)
    for gone in (waiting.id, 10**12, 0):
        with pytest.raises(NotFound):
            container.processes.get(owner, gone)
