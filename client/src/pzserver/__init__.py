"""Photometric-redshift products of a PZ Server: find, read, download, upload.

>>> from pzserver import PzServer
>>> pz_server = PzServer(token="...", host="https://pz.example.org")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pzserver.server import PzServer
from pzserver.version import __version__, get_version

if TYPE_CHECKING:
    from pzserver.catalogs import Catalog, SpeczCatalog, TrainingSet
    from pzserver.errors import PzServerError
    from pzserver.pipelines import Pipeline
    from pzserver.product_object import PzProduct
    from pzserver.upload import PzUpload

_HOMES = {
    "Catalog": "catalogs",
    "SpeczCatalog": "catalogs",
    "TrainingSet": "catalogs",
    "Pipeline": "pipelines",
    "PzProduct": "product_object",
    "PzServerError": "errors",
    "PzUpload": "upload",
}
__all__ = [
    "Catalog",
    "Pipeline",
    "PzProduct",
    "PzServer",
    "PzServerError",
    "PzUpload",
    "SpeczCatalog",
    "TrainingSet",
    "__version__",
    "get_version",
]


def __getattr__(name: str) -> Any:
    """Classes that need more than ``requests`` are loaded when they are asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'pzserver' has no attribute {name!r}")
    return getattr(importlib.import_module(f"pzserver.{_HOMES[name]}"), name)
