"""The report of the checks: asked for by the page, made by the services."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State

from components.product_summary.layout import Ids as SummaryIds
from components.quality_panel.layout import Ids, no_report, report_view
from components.shell.page import skeleton
from services.context import current_actor, portal
from services.errors import NoTable, StillRunning


def show_report(_revision: str, product_id: int) -> Any:
    """The report; a grey field while the file is being read; a reason when there is no table."""
    actor, container = current_actor(), portal()
    product = container.catalog.get(actor, product_id)
    try:
        report = container.quality.report(actor, product_id)
    except StillRunning:
        return skeleton(300, "The checks run when the file has been read")
    except NoTable as reason:
        return no_report(reason.message)
    return report_view(product, report, container.previews.cut_words(actor, product_id))


def register(app: Dash) -> None:
    """Attach the callback of the Quality tab."""
    app.callback(Output(Ids.panel, "children"), Input(SummaryIds.revision, "data"), State(SummaryIds.product, "data"))(
        show_report
    )
