"""Every group of routes beside the pages, once."""

from __future__ import annotations

from flask import Blueprint, Flask

from api.compare import compare_resource
from api.coverage import coverage_resource
from api.data_numbers import data_numbers_resource
from api.data_table import data_table_resource
from api.docs import docs_blueprint
from api.downloads import downloads_resource
from api.endpoints import Endpoint, Identifier, Resource
from api.files import files_blueprint
from api.health import health_blueprint
from api.lists import lists_resource
from api.login import login_blueprint
from api.main_file import main_file_resource
from api.moc import moc_resource
from api.notebook import notebook_resource
from api.nowhere import nowhere_blueprint
from api.openapi import openapi_document, schema_resource
from api.pipelines import pipelines_resource
from api.plots import PlotCsv, plots_resource
from api.prepared import prepared_resource
from api.processes import processes_resource
from api.product_contents import product_contents_resource
from api.product_files import product_files_resource
from api.products import products_resource, specz_resource
from api.quality import quality_resource
from api.rates import LoginBrake
from api.root import root_resource
from api.session_routes import environment_blueprint, session_resource
from services.container import Container


def resources(container: Container, brake: LoginBrake, plot_csv: PlotCsv) -> tuple[Resource, ...]:
    """The REST API, in the order of its document."""
    return (
        root_resource(container),
        session_resource(container, brake),
        lists_resource(container),
        products_resource(container),
        specz_resource(container),
        main_file_resource(container),
        product_contents_resource(container),
        product_files_resource(container),
        downloads_resource(container),
        prepared_resource(container),
        data_numbers_resource(container),
        plots_resource(container, plot_csv),
        moc_resource(container),
        notebook_resource(container),
        data_table_resource(container),
        compare_resource(container),
        coverage_resource(container),
        quality_resource(container),
        pipelines_resource(container),
        processes_resource(container),
    )


def register(server: Flask, container: Container, brake: LoginBrake, plot_csv: PlotCsv) -> None:
    """Hang all routes on a server; ``plot_csv`` writes plots as the pages do."""
    server.url_map.converters["identifier"] = Identifier
    rest = resources(container, brake, plot_csv)
    described: list[Endpoint] = [endpoint for resource in rest for endpoint in resource.endpoints]
    for blueprint in _other_blueprints(container, brake):
        server.register_blueprint(blueprint)
    schema = schema_resource(container, described)
    for resource in (*rest, schema):
        server.register_blueprint(resource.blueprint)
    server.register_blueprint(docs_blueprint(lambda: openapi_document([*described, *schema.endpoints])))
    server.register_blueprint(nowhere_blueprint())


def _other_blueprints(container: Container, brake: LoginBrake) -> tuple[Blueprint, ...]:
    return (
        health_blueprint(container),
        login_blueprint(container, brake),
        files_blueprint(container),
        environment_blueprint(container),
    )
