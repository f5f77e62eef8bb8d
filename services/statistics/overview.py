"""The overview of a table: every column in numbers and every statistic its product type offers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from services.models.roles import RoleMap
from services.models.statistics import Overview
from services.statistics.canonical import CanonicalTable
from services.statistics.column_statistics import column_statistics
from services.statistics.registry import offered, registry_version
from services.statistics.value_files import load_overview, save_overview

__all__ = ["build_overview", "is_current", "load_overview", "roles_signature", "save_overview"]


def roles_signature(roles: RoleMap) -> str:
    """Sixteen hex digits that change whenever a role, a transform or a band changes."""
    facts = [sorted(roles.columns.items()), sorted(roles.transforms.items()), [asdict(band) for band in roles.bands]]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def is_current(overview: Overview, roles: RoleMap) -> bool:
    """Whether a stored overview still says what would be computed now."""
    return overview.version == registry_version() and overview.roles_signature == roles_signature(roles)


def build_overview(table: CanonicalTable, roles: RoleMap, product_type: str) -> Overview:
    """Compute everything the product page shows, over all rows, in memory that does not grow with the table.

    Parameters
    ----------
    table : CanonicalTable
    roles : RoleMap
        What its columns mean; columns that are not in the table are left out.
    product_type : str
        Wire name of the type: decides which statistics are offered.
    """
    known = present_roles(table, roles)
    columns = column_statistics(table, known)
    rows = offered(product_type, known)
    computed = table.each(rows, lambda one, row: row.compute(one, known))
    statistics = {row.name: found for row, found in zip(rows, computed, strict=True) if found is not None}
    return Overview(table.n_rows, columns, statistics, registry_version(), roles_signature(roles))


def present_roles(table: CanonicalTable, roles: RoleMap) -> RoleMap:
    """The part of a role map whose columns this table has."""
    names = set(table.names)
    columns: Mapping[str, str] = {role: name for role, name in roles.columns.items() if name in names}
    bands = tuple(band for band in roles.bands if band.column in names)
    return RoleMap(columns, roles.transforms, bands, roles.candidates)
