"""How well a training set covers another product of a comparison: from seeded samples, so that it answers soon."""

from __future__ import annotations

from services.cut_tables import CutTables
from services.cuts.parser import parse_cut
from services.cuts.tree import Cut
from services.cuts.writing import written
from services.errors import InvalidInput
from services.fitted_tables import FittedTable, FittedTables
from services.kept import Kept
from services.models.coverage import CoverageReport, CoverageSource, SourcedCoverage
from services.models.identity import Actor
from services.models.roles import RoleMap
from services.product_tables import ProductTables
from services.statistics.measured import magnitudes
from services.statistics.overview import present_roles
from services.statistics.photometric_samples import (
    FEWEST_BANDS,
    PhotometricSample,
    base_band,
    detected_in,
    drawn_sample,
    sampled_columns,
    shared_bands,
)
from services.version import VERSION

KEPT_REPORTS = 64
COVERAGE_VERSION = 1
"""Raise it when the numbers change while tables stay: copies that callers keep become stale."""

Asked = tuple[FittedTable, FittedTable, tuple[str, ...]]
"""Training set, target and the bands they share."""


class CoverageService:
    """Answers about two tables the actor may see; refusals as ``ProductTables`` describes them."""

    def __init__(self, tables: ProductTables, cut_tables: CutTables) -> None:
        self._tables = tables
        self._fitted = FittedTables(tables, cut_tables)
        self._kept: Kept[CoverageReport] = Kept(KEPT_REPORTS)

    def is_training_set(self, actor: Actor, product_id: int) -> bool:
        """Whether a product has redshifts and two magnitudes at least."""
        return _can_train(self._tables.find(actor, product_id).roles)

    def is_offered(self, actor: Actor, train_id: int, target_id: int) -> bool:
        """Whether the first could train for the second: both see two bands at least, and the first has redshifts."""
        train, target = (self._tables.find(actor, product_id).roles for product_id in (train_id, target_id))
        return _can_train(train) and len(shared_bands(train, target)) >= FEWEST_BANDS

    def mark(self, actor: Actor, train_id: int, target_id: int) -> str:
        """Text that changes whenever an answer about these tables may: found without reading them."""
        found = [self._tables.find(actor, product_id) for product_id in (train_id, target_id)]
        facts = [f"{one.signature}.{one.product.updated_at.isoformat()}" for one in found]
        return ".".join([*facts, str(COVERAGE_VERSION), VERSION])

    def coverage(self, actor: Actor, train_id: int, target_id: int, cut: str | None = None) -> SourcedCoverage:
        """The report about both, over the rows that pass a cut in each table where it fits.

        Raises
        ------
        CutError
            If the cut cannot be read.
        InvalidInput
            If they do not share two bands, the first has no redshifts, or too few rows have all that is needed.
        """
        tree = parse_cut(cut) if cut and cut.strip() else None
        train, target, bands = self._asked(actor, train_id, target_id, tree)
        report = self._report(train, target, bands)
        return SourcedCoverage(report, _source(train, bands), _source(target, bands), _text(tree))

    def _asked(self, actor: Actor, train_id: int, target_id: int, cut: Cut | None) -> Asked:
        found = [self._tables.find(actor, product_id) for product_id in (train_id, target_id)]
        bands = shared_bands(found[0].roles, found[1].roles)
        if not _can_train(found[0].roles) or len(bands) < FEWEST_BANDS:
            raise InvalidInput("Coverage needs a training set with redshifts that shares two bands with the target.")
        train, target = (self._fitted.fitted(one, cut) for one in found)
        return train, target, bands

    def _report(self, train: FittedTable, target: FittedTable, bands: tuple[str, ...]) -> CoverageReport:
        key = f"{train.key} {target.key}"
        if (known := self._kept.get(key)) is not None:
            return known
        with self._tables.work.doing(f"coverage {key}"):
            if (known := self._kept.get(key)) is not None:
                return known
            return self._kept.put(key, self._computed(train, target, bands))

    def _computed(self, train: FittedTable, target: FittedTable, bands: tuple[str, ...]) -> CoverageReport:
        from services.statistics.coverage import coverage_report  # loads scipy, which other pages need not

        drawn = [self._drawn(train, bands, needs_z=True), self._drawn(target, bands, needs_z=False)]
        base = base_band(bands, drawn[0].mags)
        samples = [detected_in(one, bands.index(base)) for one in drawn]
        return coverage_report(samples[0], samples[1], bands, base)

    def _drawn(self, part: FittedTable, bands: tuple[str, ...], *, needs_z: bool) -> PhotometricSample:
        with self._fitted.opened(part) as table:
            return drawn_sample(table, present_roles(table, part.found.roles), bands, needs_z=needs_z)


def _can_train(roles: RoleMap) -> bool:
    return roles.has("redshift") and len(magnitudes(roles)) >= FEWEST_BANDS


def _source(part: FittedTable, bands: tuple[str, ...]) -> CoverageSource:
    columns = sampled_columns(part.found.roles, bands)
    return CoverageSource(part.found.product, columns, _text(part.cut), part.note)


def _text(cut: Cut | None) -> str | None:
    return None if cut is None else written(cut)
