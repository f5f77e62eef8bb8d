"""Checks 9 to 13 of the conformance list: downloads, metadata-only products, changes, rights, pipelines."""

from __future__ import annotations

import time
import zipfile
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from cutting_proxy import CuttingProxy
from driver import Client, check, refused
from pzserver import PzServer

N_LARGE_ROWS = 60_000
MIN_CUT_BYTES = 1_500_000
WAIT_S = 120.0


def upload_table(client: Client, name: str, n_rows: int = 20) -> tuple[int, bytes]:
    """A published product of free type with an auxiliary file; its id and the bytes of its main file."""
    path, notes = client.folder / f"{name}.csv", client.folder / f"{name}_notes.txt"
    random = np.random.default_rng(n_rows)
    pd.DataFrame(random.uniform(size=(n_rows, 4)), columns=list("abcd")).to_csv(path, index=False)
    notes.write_text("about it\n")
    product = client.upload(name, "other", path, {}, auxiliary_files=[str(notes)])
    return product, path.read_bytes()


@check("09 downloads")
def downloads(client: Client) -> None:
    product, content = upload_table(client, "large", N_LARGE_ROWS)
    assert len(content) > 2 * MIN_CUT_BYTES
    target = client.folder / "downloaded"
    target.mkdir()
    client.server.download_product(product, save_in=str(target))
    internal_name = client.server.get_product_metadata(product)["internal_name"]
    with zipfile.ZipFile(target / f"{internal_name}.zip") as archive:
        names = archive.namelist()
        assert names[0] == "product_metadata.yaml", names
        assert archive.read("large.csv") == content
        assert archive.read("large_notes.txt") == b"about it\n"
    saved = client.server.api.download_main_file(product, str(target))
    assert saved["message"].endswith("large.csv"), saved["message"]
    assert (target / "large.csv").read_bytes() == content


@check("09 interrupted download")
def interrupted_download(client: Client) -> None:
    product, content = upload_table(client, "cut", N_LARGE_ROWS)
    base = urlsplit(client.task.base)
    proxy = CuttingProxy(base.port, MIN_CUT_BYTES)
    server = PzServer(token=client.task.owner_key, host=f"http://127.0.0.1:{proxy.port}{base.path}")
    target = client.folder / "resumed"
    target.mkdir()
    proxy.cut_next = True
    if client.version < (0, 3, 5):
        assert refused(server.api.download_main_file, product, str(target))
        saved = server.api.download_main_file(product, str(target))
    else:
        saved = server.api.download_main_file(product, str(target))
        assert proxy.ranges, "the client did not resume"
    assert proxy.n_cut == 1
    assert saved["success"], saved["message"]
    assert (target / "cut.csv").read_bytes() == content


@check("09 stale part of an earlier download")
def stale_part(client: Client) -> None:
    client.need("0.3.5")
    product, content = upload_table(client, "stale")
    target = client.folder / "stale"
    target.mkdir()
    (target / "stale.csv.part").write_bytes(content + b"more than the file has")
    saved = client.server.api.download_main_file(product, str(target))
    assert saved["success"], saved["message"]
    assert (target / "stale.csv").read_bytes() == content


@check("10 metadata-only product")
def metadata_only(client: Client) -> None:
    api = client.server.api
    name = client.name("Words only")
    product = api.upload_basic_info(name, "photoz_table", None, "my code", "kept elsewhere")["id"]
    api.finish_upload(product)
    told = client.server.get_product_metadata(product)
    assert (told["status"], told["pz_code"], told["main_file"]["name"]) == (1, "my code", None)
    client.server.display_product_metadata(product)
    target = client.folder / "words"
    target.mkdir()
    client.server.download_product(product, save_in=str(target))
    with zipfile.ZipFile(target / f"{told['internal_name']}.zip") as archive:
        assert archive.namelist() == ["product_metadata.yaml"]
    if client.version < (0, 2, 8):
        return
    client.server.delete_product(product)
    assert "not found" in refused(client.server.get_product_metadata, product)
    assert client.call("GET", f"products/{product}/").status_code == 404


@check("11 changes")
def changes(client: Client) -> None:
    client.need("0.2.8")
    number, _ = upload_table(client, "changed")
    page, more = client.folder / "page.html", client.folder / "more.txt"
    page.write_text("<p>About</p>")
    more.write_text("more\n")
    product = client.server.get_product_object(number)
    assert product.main_file["name"] == "changed.csv"
    product.attach_auxiliary_file(str(more))
    product.attach_description_file(str(page))
    product = client.server.get_product_object(number)
    assert [row["name"] for row in product.get_auxiliary_files()] == ["changed_notes.txt", "more.txt"]
    (described,) = product.get_description_files()
    assert described["name"] == "page.html"
    product.remove_file(described["id"])
    assert client.server.get_product_object(number).get_description_files() == []
    assert "main file" in refused(product.remove_file, product.main_file["id"])
    product.update_description("Now with words: é & co")
    assert client.server.get_product_metadata(number)["description"] == "Now with words: é & co"
    client.server.delete_product(number)
    assert "not found" in refused(client.server.get_product_metadata, number)


@check("12 other users")
def other_users(client: Client) -> None:
    number, _ = upload_table(client, "guarded")
    told = client.other.get_product_metadata(number)
    assert told["is_owner"] is False
    assert client.server.get_product_metadata(number)["is_owner"] is True
    column = client.call("GET", f"product-contents/?product={number}").json()["results"][0]["id"]
    file = client.call("GET", f"product-files/?product_id={number}").json()["results"][0]["id"]
    api = client.other.api
    assert "detail" in refused(api.finish_upload, number)
    assert "detail" in refused(api.update_upload_column, column, {"alias": "z", "ucd": "src.redshift"})
    assert "detail" in refused(api.registry_upload, number)
    attempts = [
        client.call("PATCH", f"products/{number}/", client.task.other_key, data={"description": "mine"}),
        client.call("PATCH", f"product-contents/{column}/", client.task.other_key, data={"alias": "z"}),
        client.call("DELETE", f"product-files/{file}/", client.task.other_key),
        client.call("DELETE", f"products/{number}/", client.task.other_key),
        client.call("GET", f"products/{number}/registry/", client.task.other_key),
        client.call(
            "POST",
            "product-files/",
            client.task.other_key,
            data={"product": number, "role": 2},
            files={"file": ("a.txt", b"a")},
        ),
    ]
    assert [answer.status_code for answer in attempts] == [403] * len(attempts)
    assert client.table(number).shape == (20, 4)
    if client.version >= (0, 2, 8):
        product = client.other.get_product_object(number)
        assert "owner" in refused(product.update_description, "mine")
        assert "owner" in refused(client.other.delete_product, number)
        assert "detail" in refused(api.update_product_description, number, "mine")
        assert refused(api.delete_product, number)


def finished(process: object) -> str:
    """Status of a run once it is over."""
    deadline = time.monotonic() + WAIT_S
    while (status := process.check_status()) in ("Pending", "Running") and time.monotonic() < deadline:
        time.sleep(0.3)
    return status


@check("13 combine")
def combine(client: Client) -> None:
    client.need("0.2.5")
    rows = {row["display_name"]: row for row in client.server.get_products_list({"display_name__in": "First,Second"})}
    newer = client.version >= (0, 2, 9)
    make = client.server.combine_redshift_catalogs if newer else client.server.combine_specz_catalogs
    process = make(client.name("Combined"))
    assert process.config["combine_type"] == "concatenate", process.config
    assert process.check_status() == "The process has not been started"
    process.append_catalog(rows["First"]["id"])
    process.append_catalog(internal_name=rows["Second"]["internal_name"])
    process.set_config({"combine_type": "concatenate_and_mark_duplicates"})
    flags = client.folder / "flags.yaml"
    if client.version >= (0, 3, 5):
        flags.write_text("VVDS:\n  4: 4\n  3: 3\n")
        process.set_flags_translation(str(flags))
    process.summary()
    started = process.run()
    assert started["status"] in ("Pending", "Running", "Successful"), started
    assert finished(process) == "Successful", client.call("GET", f"processes/{started['id']}/").text
    output = process.output["id"]
    told = client.server.get_product_metadata(output)
    assert (told["status"], told["origin"]) == (1, "Combine Redshift Catalogs")
    found = client.table(output)
    assert len(found) == 5
    assert sorted(found["tie_result"]) == [0, 1, 1, 1, 1]
    assert ("z_flag_homogenized" in found.columns) == flags.exists()
    assert "over" in refused(process.stop)


@check("13 training set")
def training_set(client: Client) -> None:
    client.need("0.2.5")
    (row,) = client.server.get_products_list({"display_name": "First"})
    process = client.server.training_set_maker(client.name("Training"))
    assert process.config["crossmatch"]["radius_arcsec"] == 1.0
    (process.set_redshift if client.version >= (0, 2, 9) else process.set_specz)(row["id"])
    process.set_release(name="dp1")
    process.run()
    assert finished(process) == "Successful", client.call("GET", f"products/{process.output['id']}/").text
    found = client.table(process.output["id"])
    assert found["z"].tolist() == [0.5, 0.7]
    assert client.server.get_product_metadata(process.output["id"])["release_name"] == "Data Preview 1"


@check("13 wrong inputs")
def wrong_inputs(client: Client) -> None:
    client.need("0.2.5")
    newer = client.version >= (0, 2, 9)
    make = client.server.combine_redshift_catalogs if newer else client.server.combine_specz_catalogs
    process = make(client.name("Alone"))
    (row,) = client.server.get_products_list({"display_name": "First"})
    process.append_catalog(row["id"])
    assert "inputs" in refused(process.run)
    (objects,) = client.server.get_products_list({"display_name": "Objects"})
    assert "expected type" in refused(process.append_catalog, objects["id"])
