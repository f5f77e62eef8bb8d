"""``python -m benchmarks.eight_people FOLDER ID ID ...``: everybody looks at all plots of a product, in one process.

The portal lies in the folder; each person has a product and a cut. Prints seconds and the peak of memory in MiB.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app import create_server
from benchmarks.one_file import peak_mib
from benchmarks.workbench import Looking
from services.container import Container
from services.settings import Settings


def main(folder: Path, product_ids: list[int]) -> None:
    """First look, the same under a cut, then the details under it, for everybody at once."""
    container: Container = create_server(Settings(data_dir=folder)).extensions["portal_container"]
    actor = container.users.actor_named("owner1")
    assert actor is not None
    people = [Looking(container, actor, product_id) for product_id in product_ids]
    cuts = [f"mag_i < {23 + number / 4}" for number in range(len(people))]

    def explore(looking: Looking, cut: str) -> None:
        looking.first_look()
        looking.first_look(cut)
        looking.details(cut)

    start = time.perf_counter()
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(explore, people, cuts))
    sys.stdout.write(f"{time.perf_counter() - start} {peak_mib()}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(word) for word in sys.argv[2:]])
