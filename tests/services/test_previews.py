"""Looking into a product: fresh overviews, rows, counts on request, and a reason when there is nothing to see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from services.cut_tables import CutTables
from services.cuts.parser import parse_cut
from services.cuts.tree import CutError
from services.errors import InvalidInput, NotFound, StillRunning
from services.models.products import ProductStatus
from services.models.queries import ColumnFilter, TableQuery
from services.previews import PreviewService
from services.product_tables import ProductTables
from services.repositories.artifacts import OVERVIEW, ArtifactRepository
from services.unit_of_work import reading
from tests.support.ingests import N_ROWS, catalogue_csv, ingested, submitted
from tests.support.products import draft, person


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture
def product(container, owner):
    return ingested(container, owner, catalogue_csv())


@pytest.fixture
def numbers() -> dict[str, np.ndarray]:
    """Columns of the catalogue, read by numpy."""
    lines = catalogue_csv().decode().split()
    table = np.array([line.split(",") for line in lines[1:]], dtype=np.float64)
    return dict(zip(lines[0].split(","), table.T, strict=True))


@pytest.fixture
def never_computed(monkeypatch):
    def forbidden(*_: object) -> None:
        raise AssertionError("computed although a stored overview is current")

    monkeypatch.setattr("services.previews.build_overview", forbidden)


def _fresh(container) -> PreviewService:
    tables = ProductTables(container.sessions, container.storage, container.catalog, container.jobs)
    return PreviewService(tables, CutTables(tables), container.catalog)


def _stored(container, product):
    with reading(container.sessions) as session:
        return ArtifactRepository(session).find(product.id, OVERVIEW)


def test_the_overview_of_the_ingest_is_shown_as_it_is(container, owner, product, numbers, never_computed):
    overview = container.previews.overview(owner, product.id)
    n_z = overview.statistics["n_z"]
    assert np.array_equal(n_z.counts, np.histogram(numbers["z_spec"], n_z.edges)[0])
    assert overview.n_rows == n_z.tally.n_total == N_ROWS
    assert container.previews.overview(owner, product.id) is overview


def test_another_process_reads_the_same_overview_from_the_store(container, owner, product, never_computed):
    mine, other = container.previews.overview(owner, product.id), _fresh(container).overview(owner, product.id)
    assert mine is not other
    assert np.array_equal(mine.statistics["n_z"].counts, other.statistics["n_z"].counts)


def test_a_changed_role_changes_the_overview_at_once_and_for_everybody(container, owner, product, numbers):
    before = _stored(container, product)
    container.catalog.set_role(owner, product.id, "z_err", "redshift")
    n_z = container.previews.overview(owner, product.id).statistics["n_z"]
    assert n_z.column == "z_err"
    assert np.array_equal(n_z.counts, np.histogram(numbers["z_err"], n_z.edges)[0])
    assert _stored(container, product).signature != before.signature


def test_a_recomputed_overview_is_kept(container, owner, product, monkeypatch):
    container.catalog.set_role(owner, product.id, "z_err", "redshift")
    container.previews.overview(owner, product.id)
    monkeypatch.setattr("services.previews.build_overview", None)
    assert _fresh(container).overview(owner, product.id).statistics["n_z"].column == "z_err"


def test_a_new_version_of_the_statistics_is_computed_again(container, owner, product, monkeypatch):
    monkeypatch.setattr("services.previews.registry_version", lambda: 7)
    monkeypatch.setattr("services.statistics.overview.registry_version", lambda: 7)
    assert container.previews.overview(owner, product.id).version == 7
    assert _stored(container, product).version == 7


def test_lost_bytes_of_an_overview_are_computed_again(container, owner, product):
    container.storage.delete(_stored(container, product).key)
    assert _fresh(container).overview(owner, product.id).n_rows == N_ROWS


def test_of_many_who_ask_at_once_one_computes(container, owner, product, monkeypatch):
    from services.previews import build_overview

    computed = []

    def counting(*arguments: object):
        computed.append(1)
        return build_overview(*arguments)

    monkeypatch.setattr("services.previews.build_overview", counting)
    container.catalog.set_role(owner, product.id, "z_err", "redshift")
    with ThreadPoolExecutor(4) as pool:
        overviews = list(pool.map(lambda _: container.previews.overview(owner, product.id), range(8)))
    assert len(computed) == 1
    assert {overview.statistics["n_z"].column for overview in overviews} == {"z_err"}


def test_the_cube_of_the_ingest_is_loaded_and_kept(container, owner, product, numbers, monkeypatch):
    monkeypatch.setattr("services.previews.build_cube", None)
    cube = container.previews.cube(owner, product.id)
    assert cube.columns["redshift"] == "z_spec"
    assert np.array_equal(cube.redshift_counts({}), np.histogram(numbers["z_spec"], cube.edges["redshift"])[0])
    assert container.previews.cube(owner, product.id) is cube
    assert np.array_equal(_fresh(container).cube(owner, product.id).counts, cube.counts)


def test_a_changed_role_makes_a_new_cube_that_is_stored(container, owner, product, numbers, monkeypatch):
    before = container.previews.cube(owner, product.id)
    container.catalog.set_role(owner, product.id, "z_err", "redshift")
    cube = container.previews.cube(owner, product.id)
    assert (before.columns["redshift"], cube.columns["redshift"]) == ("z_spec", "z_err")
    assert np.array_equal(cube.redshift_counts({}), np.histogram(numbers["z_err"], cube.edges["redshift"])[0])
    monkeypatch.setattr("services.previews.build_cube", None)
    assert _fresh(container).cube(owner, product.id).columns["redshift"] == "z_err"


def test_without_redshifts_there_is_no_cube_to_filter(container, owner, product):
    container.catalog.set_role(owner, product.id, "z_spec", None)
    assert container.previews.cube(owner, product.id) is None


def test_rows_show_what_the_file_says(container, owner, product):
    page = container.previews.rows(owner, product.id, TableQuery(columns=("id", "z_flag"), offset=10, limit=2))
    assert page.rows == (("900000000000000010", 3), ("900000000000000011", 4))
    assert (page.row_numbers, page.n_total) == ((11, 12), N_ROWS)
    few = TableQuery(filters=(ColumnFilter("z_flag", "=", 4),), sort=("-z_spec",), limit=3)
    assert container.previews.rows(owner, product.id, few).n_matching == N_ROWS // 4


def test_any_column_is_counted_on_request(container, owner, product, numbers):
    by_bins = container.previews.histogram(owner, product.id, "ra", n_bins=7, low=149, high=151)
    assert np.array_equal(by_bins.counts, np.histogram(numbers["ra"], 7, (149, 151))[0])
    by_width = container.previews.histogram(owner, product.id, "z_spec", width=0.25)
    assert np.array_equal(by_width.counts, np.histogram(numbers["z_spec"], by_width.edges)[0])
    assert np.allclose(np.diff(by_width.edges), 0.25)
    by_itself = container.previews.histogram(owner, product.id, "mag_i")
    assert by_itself.tally.n_shown == by_itself.counts.sum() == N_ROWS


def test_two_columns_are_counted_on_request(container, owner, product, numbers):
    found = container.previews.density(owner, product.id, "mag_i", "z_spec", n_bins=20)
    expected = np.histogram2d(numbers["z_spec"], numbers["mag_i"], (found.y_edges, found.x_edges))[0]
    assert np.array_equal(found.counts, expected)
    assert max(found.counts.shape) <= 20


@pytest.mark.parametrize(
    "options", [{"width": -1.0}, {"width": float("nan")}, {"n_bins": 0}, {"low": 2.0, "high": 1.0}]
)
def test_numbers_that_make_no_histogram_are_refused(container, owner, product, options):
    with pytest.raises(InvalidInput):
        container.previews.histogram(owner, product.id, "z_spec", **options)


def test_columns_that_cannot_be_counted_are_refused(container, owner):
    product = ingested(container, owner, b"ra,dec,z_spec,survey\n1,2,0.5,VVDS\n2,3,0.6,VIPERS\n")
    for column in ("survey", "absent"):
        with pytest.raises(InvalidInput, match=column):
            container.previews.histogram(owner, product.id, column)
    with pytest.raises(InvalidInput, match="1000"):
        container.previews.density(owner, product.id, "ra", "dec", n_bins=5000)


def test_a_product_that_waits_tells_how_far_it_is(container, owner):
    product = submitted(container, owner, catalogue_csv())
    with pytest.raises(StillRunning) as waiting:
        container.previews.overview(owner, product.id)
    assert (waiting.value.progress, waiting.value.message) == (0.0, "Waiting for its turn")
    job = container.jobs.latest(product.id)
    container.jobs.claim(job.id, "w")
    container.jobs.report(job.id, 0.4, "4,000 rows read")
    with pytest.raises(StillRunning) as running:
        container.previews.rows(owner, product.id, TableQuery())
    assert (running.value.progress, running.value.message) == (0.4, "4,000 rows read")


def test_a_published_product_is_shown_while_it_is_read_again(container, owner, product):
    container.uploads.process(owner, product.id)
    assert container.catalog.get(owner, product.id).status is ProductStatus.PUBLISHED
    assert container.previews.overview(owner, product.id).n_rows == N_ROWS


def test_hidden_products_show_nothing(container, owner):
    product = ingested(container, owner, b"first,second\n1,2\n3,4\n")
    assert product.status is ProductStatus.REGISTERING
    reader = person(container, "reader")
    for question in (
        lambda: container.previews.overview(reader, product.id),
        lambda: container.previews.rows(reader, product.id, TableQuery()),
        lambda: container.previews.histogram(reader, product.id, "first"),
        lambda: container.previews.columns(reader, product.id),
    ):
        with pytest.raises(NotFound):
            question()


CUT = "mag_i < 22.5 and redshift between 0.2 and 1.2"


def _passing(numbers):
    return (numbers["mag_i"] < 22.5) & (numbers["z_spec"] >= 0.2) & (numbers["z_spec"] <= 1.2)


def test_plots_under_a_cut_equal_numpy_and_are_counted_once(container, owner, product, numbers, monkeypatch):
    found = container.previews.overview_under(owner, product.id, CUT)
    n_z = found.statistics["n_z"]
    keep = _passing(numbers)
    assert (found.n_shown, found.n_total) == (keep.sum(), N_ROWS)
    assert np.array_equal(n_z.counts, np.histogram(numbers["z_spec"][keep], n_z.edges)[0])
    monkeypatch.setattr("services.previews.overview_under", None)
    assert container.previews.overview_under(owner, product.id, f"  {CUT.replace('and', 'AND')} ") is not None


def test_a_changed_role_changes_what_a_cut_means(container, owner, product, numbers):
    container.previews.overview_under(owner, product.id, "redshift > 0.0005")
    container.catalog.set_role(owner, product.id, "z_err", "redshift")
    found = container.previews.overview_under(owner, product.id, "redshift > 0.0005")
    assert found.n_shown == (numbers["z_err"] > 0.0005).sum()


def test_cuts_are_refused_with_their_place_and_from_strangers(container, owner, product):
    with pytest.raises(CutError, match="character 9"):
        container.previews.overview_under(owner, product.id, "mag_i < ")
    with pytest.raises(CutError, match='no column "mag_q"'):
        container.previews.check_cut(owner, product.id, parse_cut("mag_q < 24"))
    container.previews.check_cut(owner, product.id, parse_cut(CUT))
    hidden = draft(container, owner)
    with pytest.raises(NotFound):
        container.previews.overview_under(person(container, "owner2"), hidden.id, CUT)


def test_ranges_are_offered_for_redshifts_and_the_reference_band(container, owner, product):
    redshift, magnitude = container.previews.range_words(owner, product.id)
    assert (redshift.statistic, redshift.word, redshift.names) == ("n_z", "redshift", ("redshift", "z_spec"))
    assert (magnitude.statistic, magnitude.title, magnitude.word) == ("magnitudes", "Magnitude i", "mag_i")


def test_rows_follow_the_same_cut_with_filters_on_top(container, owner, product, numbers):
    flags = (ColumnFilter("z_flag", "=", 4),)
    page = container.previews.rows(owner, product.id, TableQuery(("z_spec", "z_flag"), flags, ("-z_spec",), cut=CUT))
    chosen = numbers["z_spec"][_passing(numbers) & (numbers["z_flag"] == 4)]
    assert page.n_matching == chosen.size
    assert [row[0] for row in page.rows] == sorted(chosen, reverse=True)[:100]
