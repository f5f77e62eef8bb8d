"""The command ``pzserver``: list, show, get and put products.

The token comes from ``PZSERVER_TOKEN`` or from a file, never from the command line, where other people could see it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from pzserver import tables
from pzserver.console import say
from pzserver.errors import InvalidInput, PzServerError
from pzserver.server import PzServer
from pzserver.version import __version__

STATUS_OF_ERRORS = 1
LISTS = ("products", "product-types", "releases", "users")
COLUMNS = {
    "products": {name: field for name, field in tables.PRODUCTS.items() if name not in ("description", "pz_code")},
    "product-types": tables.PRODUCT_TYPES,
    "releases": tables.RELEASES,
    "users": tables.USERS,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit status: 0, or 1 with one sentence on stderr."""
    given = parser().parse_args(arguments)
    try:
        # What methods tell on the way goes to stderr: stdout is the answer, for people and for programs.
        with contextlib.redirect_stdout(sys.stderr):
            server = PzServer(_token(given.token_file), given.host)
            answer = given.run(server, given)
    except (PzServerError, OSError, ValueError, requests.exceptions.RequestException) as error:
        sys.stderr.write(f"pzserver: {error}\n")
        return STATUS_OF_ERRORS
    except KeyboardInterrupt:
        sys.stderr.write("pzserver: stopped\n")
        return 130
    _show(answer, given)
    return 0


def parser() -> argparse.ArgumentParser:
    """Words and options of the command."""
    command = argparse.ArgumentParser(prog="pzserver", description="Products of a PZ Server.")
    command.add_argument("--version", action="version", version=f"pzserver {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--host", help="address of the portal (or PZSERVER_HOST)")
    common.add_argument("--token-file", type=Path, help="file with the token (or PZSERVER_TOKEN holds it)")
    common.add_argument("--json", action="store_true", help="answer in JSON")
    verbs = command.add_subparsers(required=True, metavar="list|show|get|put")
    _add_list(verbs, common)
    _add_show(verbs, common)
    _add_get(verbs, common)
    _add_put(verbs, common)
    return command


def _add_list(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("list", parents=[common], help="products, or another list")
    verb.add_argument("what", nargs="?", choices=LISTS, default="products", help="default: products")
    verb.add_argument("--type", dest="product_type", help="part of the product type")
    verb.add_argument("--release", help="part of the release")
    verb.add_argument("--by", dest="uploaded_by", help="part of the name of the uploader")
    verb.add_argument("--name", dest="product_name", help="part of the name")
    verb.add_argument("--filter", action="append", default=[], metavar="KEY=VALUE", help="any other filter")
    verb.set_defaults(run=list_rows)


def _add_show(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("show", parents=[common], help="what is known of a product")
    verb.add_argument("product", help="id or internal name")
    verb.set_defaults(run=show_product)


def _add_get(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("get", parents=[common], help="download a product, or a part of its table")
    verb.add_argument("product", help="id or internal name")
    verb.add_argument("-o", "--output", type=Path, default=Path(), help="folder; with --columns or --cut a file")
    verb.add_argument("--columns", help="only these columns of the table, separated by commas, as Parquet")
    verb.add_argument("--cut", help="only these rows of the table, e.g. 'z > 0.5', as Parquet")
    verb.set_defaults(run=get_product)


def _add_put(verbs: Any, common: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("put", parents=[common], help="upload a product")
    verb.add_argument("main_file", type=Path, help="the data")
    verb.add_argument("--name", required=True)
    verb.add_argument("--type", required=True, dest="product_type", help="e.g. specz_catalog, training_set")
    verb.add_argument("--release")
    verb.add_argument("--pz-code")
    verb.add_argument("--description")
    verb.add_argument("--attach", action="append", default=[], type=Path, metavar="FILE", help="a further file")
    verb.add_argument("--column", action="append", default=[], metavar="COLUMN=MEANING", help="e.g. my_ra=RA")
    verb.set_defaults(run=put_product)


def list_rows(server: PzServer, given: argparse.Namespace) -> Any:
    """Rows of a list."""
    if given.what == "product-types":
        return server.get_product_types()
    if given.what != "products":
        return server.get_releases() if given.what == "releases" else server.get_users()
    words = ("product_type", "release", "uploaded_by", "product_name")
    filters = {word: getattr(given, word) for word in words if getattr(given, word) is not None}
    return server.get_products_list(filters | _pairs(given.filter))


def show_product(server: PzServer, given: argparse.Namespace) -> Any:
    """Metadata of a product."""
    return server.get_product_metadata(given.product)


def get_product(server: PzServer, given: argparse.Namespace) -> Any:
    """Path of what has been downloaded."""
    if given.columns is None and given.cut is None:
        return {"path": str(server.fetch_product(given.product, given.output))}
    target = given.output
    if target.is_dir():
        target = target / f"{server.get_product_metadata(given.product, mainfile_info=False)['internal_name']}.parquet"
    return {"path": str(server.to_parquet(given.product, target, columns=given.columns, cut=given.cut))}


def put_product(server: PzServer, given: argparse.Namespace) -> Any:
    """Product that has been uploaded."""
    upload = server.upload(
        given.name,
        given.product_type,
        given.main_file,
        given.release,
        given.pz_code,
        given.attach or None,
        given.description,
        publish=False if given.column else None,
    )
    if given.column:
        upload.make_columns_association(_pairs(given.column))
        upload.save()
    return server.get_product_metadata(upload.product_id)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    wrong = [text for text, (_, sign, _) in zip(texts, pairs, strict=True) if not sign]
    if wrong:
        raise InvalidInput(f"{wrong[0]!r} should read KEY=VALUE.")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _token(path: Path | None) -> str | None:
    return None if path is None else path.expanduser().read_text(encoding="utf-8")


def _show(answer: Any, given: argparse.Namespace) -> None:
    if given.json:
        say(json.dumps(answer, indent=2, ensure_ascii=False))
    elif isinstance(answer, list):
        tables.show_rows(answer, COLUMNS[given.what])
    elif "path" in answer and len(answer) == 1:
        say(answer["path"])
    else:
        from pzserver.metadata import shown_rows

        tables.Table(["key", "value"], [[key, tables.cell_text(value)] for key, value in shown_rows(answer)]).show()
