"""Four products that differ in who may see them, each with words that appear nowhere else, and five people who ask."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import requests
from sqlalchemy import insert, select

from services.container import Container
from services.models.identity import Actor
from services.models.products import FileRole, NewProduct, Product
from services.schema import JobRow, ProcessInputRow, ProcessRow, ProductColumnRow, user_groups
from services.unit_of_work import reading, unit_of_work
from tests.support.ingests import read_now
from tests.support.live import Live
from tests.support.products import draft, person, with_columns, with_file

STATES = ("published", "draft", "deleted", "gated")
PEOPLE = ("anonymous", "other", "member", "owner", "admin")
USERNAMES = {"other": "owner2", "member": "member", "owner": "owner1", "admin": "curator"}
SEES = {
    "published": frozenset({"other", "member", "owner", "admin"}),
    "draft": frozenset({"owner", "admin"}),
    "deleted": frozenset[str](),
    "gated": frozenset({"member", "owner", "admin"}),
}
"""Who may see a product in each state; nobody anonymous."""
EDITS = frozenset({"owner", "admin"})
RELEASE = "gated"
TEAM = "team"


def word(state: str) -> str:
    """Word planted in the names, files, columns, values and history of the product of a state."""
    return f"zq{state}qz"


def number(state: str) -> str:
    """Magnitude found only in the product of a state."""
    return f"22.314159265{STATES.index(state) + 1}"


@dataclass(frozen=True)
class Subject:
    """A product and the ids of what belongs to it."""

    product: Product
    file_id: int
    column_id: int
    process_id: int

    def addressed(self, path: str) -> str:
        """Address of a route for this product."""
        ids = {
            "product_id": self.product.id,
            "file_id": self.file_id,
            "column_id": self.column_id,
            "process_id": self.process_id,
        }
        for name, value in {**ids, "type_id": 1, "release_id": 1, "pipeline_id": 1}.items():
            path = path.replace(f"<identifier:{name}>", str(value))
        return path.replace("<string:plot>", "n_z")


@dataclass
class World:
    """The portal of the rights matrix."""

    live: Live
    subjects: dict[str, Subject] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def container(self) -> Container:
        """Services of the portal."""
        return self.live.container

    @property
    def owner(self) -> Actor:
        """Who made the products."""
        return self.live.people["owner1"]

    def ask(
        self, who: str, method: str, path: str, more: Mapping[str, str] | None = None, **sent: object
    ) -> requests.Response:
        """Answer to one person; ``more`` are further headers."""
        headers = {"Authorization": f"Token {self.keys[who]}"} if who in self.keys else {}
        headers |= more or {}
        return requests.request(method, self.live.url + path, headers=headers, timeout=60, **sent)  # type: ignore[arg-type]

    def fresh(self, state: str) -> Subject:
        """A product without bytes, to be changed."""
        container, owner = self.container, self.owner
        release = RELEASE if state == "gated" else None
        product = draft(container, owner, word(state), release=release, description=word(state))
        file_id = with_file(container, product, f"{word(state)}.csv", FileRole.AUXILIARY)
        with_columns(container, product, word(state))
        if state in ("published", "gated"):
            container.catalog.publish(owner, product.id)
        subject = _subject(container, product, file_id)
        if state == "deleted":
            container.catalog.delete(owner, product.id)
        return subject


def build_world(live: Live) -> World:
    """Products of owner1 in the four states, made, read and put there by the real services."""
    world = World(live)
    container = live.container
    live.people["member"] = person(container, "member", groups=[TEAM])
    live.people["owner1"] = _joined(container, live.people["owner1"], live.people["member"].group_ids)
    container.releases.create("open", "Open release")
    container.releases.create(RELEASE, word("gated"), word("gated"), groups=[TEAM])
    world.keys = {who: container.tokens.create(live.people[name], "all").key for who, name in USERNAMES.items()}
    for state in STATES:
        world.subjects[state] = _made(world, state)
    _link_history(world)
    container.catalog.delete(world.owner, world.subjects["deleted"].product.id)
    return world


def _joined(container: Container, actor: Actor, group_ids: Iterable[int]) -> Actor:
    rows = [{"user_id": actor.user_id, "group_id": group_id} for group_id in group_ids]
    with unit_of_work(container.sessions) as unit:
        unit.session.execute(insert(user_groups), rows)
    joined = container.users.actor(actor.user_id)
    assert joined is not None
    return joined


def _made(world: World, state: str) -> Subject:
    container, owner = world.container, world.owner
    kind = "training_set" if state == "gated" else "specz_catalog"  # spec-z catalogues belong to no release
    release = RELEASE if state == "gated" else None
    new = NewProduct(word(state), kind, release=release, description=word(state))
    staged = container.uploads.stage(owner, io.BytesIO(_table(state)), f"{word(state)}.csv")
    if state == "draft":
        product = container.catalog.register(owner, new)
        file = container.uploads.attach(owner, product.id, staged.id, FileRole.MAIN)
        container.uploads.process(owner, product.id, publish_when_ready=False)
    else:
        product = container.uploads.submit(owner, new, main=staged.id)
        (file,) = container.catalog.files(owner, product.id)
    return _subject(container, read_now(container, owner, product), file.id)


def _table(state: str) -> bytes:
    lines = [f"{150 + i / 100},{2 + i / 100},{0.1 + i / 50},{number(state)},{word(state)}" for i in range(40)]
    return "\n".join([f"ra,dec,z_spec,mag_i,{word(state)}", *lines, ""]).encode()


def _subject(container: Container, product: Product, file_id: int) -> Subject:
    with reading(container.sessions) as session:
        columns = select(ProductColumnRow.id).where(
            ProductColumnRow.product_id == product.id, ProductColumnRow.name == word_of(product)
        )
        column_id = session.scalars(columns).one()
    return Subject(product, file_id, column_id, _process(container, product))


def word_of(product: Product) -> str:
    """Word planted in a product."""
    return product.display_name


def _process(container: Container, product: Product) -> int:
    """A finished run whose output is the product."""
    with unit_of_work(container.sessions) as unit:
        job = JobRow(kind="pipeline", product_id=product.id, owner_id=product.owner_id, payload={}, state="done")
        job.log = word_of(product)
        unit.session.add(job)
        unit.session.flush()
        row = ProcessRow(
            pipeline="combine_redshift_dedup",
            version="1",
            product_id=product.id,
            job_id=job.id,
            used_config={"param": {"note": word_of(product)}},
            comment=word_of(product),
        )
        unit.session.add(row)
        unit.session.flush()
        return row.id


def _link_history(world: World) -> None:
    """The published product was made from the three others, which its readers may not all see."""
    process_id = world.subjects["published"].process_id
    with unit_of_work(world.container.sessions) as unit:
        for position, state in enumerate(("draft", "deleted", "gated")):
            product_id = world.subjects[state].product.id
            unit.session.add(ProcessInputRow(process_id=process_id, product_id=product_id, position=position))
