"""What the workbench costs: a whole view, cold and warm, under a free cut, and for eight people at once."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import plotly.io as pio

from benchmarks.dataset import Dataset
from benchmarks.timing import ROUNDS, Line, median_ms, milliseconds
from benchmarks.workbench_product import CUT, portal_with, share_results
from components.figures.registry import FIGURES, draw
from services.container import Container, build_container
from services.jobs.processes import LEAN_MEMORY
from services.models.identity import Actor

KB = 1000
PEOPLE = 8


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody who looks at a product."""

    container: Container
    actor: Actor
    product_id: int

    def again(self) -> Looking:
        """The same person served by a process that has nothing in memory."""
        return Looking(build_container(self.container.settings), self.actor, self.product_id)

    def first_look(self, cut: str | None = None) -> list[str]:
        """Figures as JSON of what is shown at once."""
        previews = self.container.previews
        if cut is None:
            statistics = previews.overview(self.actor, self.product_id).statistics
        else:
            statistics = previews.overview_under(self.actor, self.product_id, cut).statistics
        return [pio.to_json(draw(name, statistics)) for name in statistics if name in FIGURES]

    def details(self, cut: str | None = None) -> list[str]:
        """Figures as JSON of all details, one after the other."""
        service = self.container.details
        found = {
            row.name: service.detail(self.actor, self.product_id, row.name, cut)
            for row in service.offered(self.actor, self.product_id)
        }
        return [pio.to_json(draw(name, {name: one})) for name, one in found.items() if one is not None]

    def everything(self) -> list[str]:
        """The whole view."""
        return [*self.first_look(), *self.details()]


def view(data: Dataset) -> Iterator[Line]:
    """All plots of a training set."""
    rows = f"{data.n_rows:.0e} rows".replace("e+0", "e")
    with portal_with(data) as (container, actor, (product_id,)):
        looking = Looking(container, actor, product_id)
        seconds = milliseconds(looking.everything) / 1000
        yield Line(f"view, computed for the first time, {rows}", seconds, None, "in a job after reading", None, "s")
        cold = median_ms(lambda: looking.again().everything(), ROUNDS)
        yield Line(f"view, cold process, {rows}", cold, None, "absolute, ms", 2000)
        yield Line(f"view, warm, {rows}", median_ms(looking.everything, ROUNDS), None, "absolute, ms", 300)
        sent = sum(len(gzip.compress(figure.encode(), 5)) for figure in looking.everything())
        yield Line(f"view, figures gzipped, {rows}", sent / KB, None, "absolute, kB", 300, "kB")
        under = median_ms(lambda: looking.again().first_look(CUT), ROUNDS)
        yield Line(f"first look under a free cut, cold, {rows}", under, None, "absolute, ms", 2000)
        yield Line(f"first look under it, warm, {rows}", median_ms(partial(looking.first_look, CUT)), None, "ms", 300)
        slow = milliseconds(partial(looking.again().details, CUT))
        yield Line(f"all details under it, cold, {rows}", slow / 1000, None, "one by one, when looked at", None, "s")


def people(data: Dataset) -> Iterator[Line]:
    """Eight people, each with a product and a cut of their own, in one process that serves as the portal does."""
    with portal_with(data, PEOPLE) as (container, actor, product_ids):
        Looking(container, actor, product_ids[0]).everything()  # as reading a file and the job after it leave it
        share_results(container, product_ids)
        folder = str(container.settings.resolved_data_dir)
        command = [sys.executable, "-m", "benchmarks.eight_people", folder, *map(str, product_ids)]
        environment = LEAN_MEMORY | os.environ
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    seconds, peak_mib = map(float, done.stdout.split()[-2:])
    rows = f"{data.n_rows:.0e} rows".replace("e+0", "e")
    yield Line(f"{PEOPLE} people, different products, {rows}", peak_mib, None, "peak memory, MiB", 700, "MiB")
    yield Line(
        f"{PEOPLE} people, until all have all plots", seconds, None, "first look and details under a cut", None, "s"
    )


WORKBENCH = {"view": view, "people": people}
