"""Everything one process needs, built once from the settings and passed on as a value."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from services.binnings import BinningService
from services.catalog import CatalogService
from services.comparison import ComparisonService
from services.contents import ContentService
from services.coverage import CoverageService
from services.cut_tables import CutTables
from services.database import build_engine
from services.details import DetailService
from services.downloads import DownloadService
from services.jobs.looking import Looker
from services.jobs.queue import JobQueue, open_queue
from services.jobs.service import JobService
from services.leaderboard import LeaderboardService
from services.live_cubes import LiveCubes
from services.models.identity import Actor
from services.models.products import Product
from services.object_pdfs import ObjectPdfService
from services.plots import PlotService
from services.prepared import PreparedService
from services.previews import PreviewService
from services.processes import ProcessService
from services.product_tables import ProductTables
from services.quality_reports import QualityService, report_version
from services.registration import RegistrationService
from services.releases import ReleaseService
from services.settings import Settings
from services.storage.base import BlobStore
from services.storage.registry import open_store
from services.table_answers import TableAnswers
from services.tokens import TokenService
from services.uploads import UploadService
from services.users import UserService


@dataclass(frozen=True)
class Container:
    """The services of one process. Safe to share between threads; a forked child opens its own connections."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    storage: BlobStore
    queue: JobQueue
    users: UserService
    tokens: TokenService
    releases: ReleaseService
    catalog: CatalogService
    contents: ContentService
    jobs: JobService
    uploads: UploadService
    registration: RegistrationService
    downloads: DownloadService
    prepared: PreparedService
    previews: PreviewService
    leaderboard: LeaderboardService
    object_pdfs: ObjectPdfService
    details: DetailService
    live_cubes: LiveCubes
    plots: PlotService
    comparison: ComparisonService
    coverage: CoverageService
    binnings: BinningService
    answers: TableAnswers
    quality: QualityService
    processes: ProcessService


def build_container(settings: Settings) -> Container:
    """Services for these settings: makes the data folder and the engine, opens no connection and migrates nothing."""
    settings.resolved_data_dir.mkdir(parents=True, exist_ok=True)
    engine = build_engine(settings)
    sessions = sessionmaker(engine, expire_on_commit=False)
    queue = open_queue(settings)
    storage = open_store(settings.resolved_storage_url)

    def visible_product(actor: Actor, product_id: int) -> Product:
        return catalog.get(actor, product_id)  # jobs and catalogue need each other

    jobs = JobService(sessions, queue, visible_product)
    catalog = CatalogService(sessions, report_version(), jobs)
    tables = ProductTables(sessions, storage, catalog, jobs)
    cut_tables = CutTables(tables)
    previews = PreviewService(tables, cut_tables, catalog)
    binnings = BinningService(tables, cut_tables, previews)
    details = DetailService(tables, cut_tables, previews)
    leaderboard = LeaderboardService(catalog, previews, details)
    prepared = PreparedService(sessions, storage, catalog, jobs, settings)
    return Container(
        settings=settings,
        engine=engine,
        sessions=sessions,
        storage=storage,
        queue=queue,
        users=UserService(sessions),
        tokens=TokenService(sessions),
        releases=ReleaseService(sessions),
        catalog=catalog,
        contents=ContentService(sessions, storage, catalog, jobs),
        jobs=jobs,
        uploads=UploadService(sessions, storage, catalog, jobs, settings),
        registration=RegistrationService(sessions, storage, jobs, Looker(settings), settings),
        downloads=DownloadService(catalog, storage, prepared),
        prepared=prepared,
        previews=previews,
        leaderboard=leaderboard,
        object_pdfs=ObjectPdfService(tables, previews),
        details=details,
        live_cubes=LiveCubes(tables, cut_tables, previews),
        plots=PlotService(tables, previews, details, binnings),
        comparison=ComparisonService(tables, cut_tables, catalog),
        binnings=binnings,
        coverage=CoverageService(tables, cut_tables),
        answers=TableAnswers(tables, previews),
        quality=QualityService(tables),
        processes=ProcessService(sessions, catalog, jobs),
    )
