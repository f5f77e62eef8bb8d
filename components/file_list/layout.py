"""Files of a product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from components.dialogs import copy_button
from components.quantities import count_text, size_text
from components.shell.page import empty_state
from services.models.products import FileRole, ProductFile

_ORDER = (FileRole.MAIN, FileRole.DESCRIPTION, FileRole.AUXILIARY)


def file_list(files: Sequence[ProductFile]) -> Any:
    """Main file first, each with size, rows, checksum and its own link."""
    if not files:
        return empty_state("No file is stored here. The description says where the data are.")
    ordered = sorted(files, key=lambda file: (_ORDER.index(file.role), file.id))
    return html.Ul([_file(file) for file in ordered], className="file-list")


def _file(file: ProductFile) -> html.Li:
    facts = [file.role.label, size_text(file.size_bytes)]
    if file.n_rows is not None:
        facts.append(f"{count_text(file.n_rows)} rows")
    return html.Li(
        [
            html.Div(
                [html.Strong(file.name, className="file-name"), html.Div(" · ".join(facts), className="file-facts")]
            ),
            html.Div(
                [
                    html.Code(file.sha256[:12], title=f"SHA-256 {file.sha256}"),
                    copy_button(file.sha256, f"SHA-256 of {file.name}"),
                    html.A(
                        "Download",
                        href=f"/api/product-files/{file.id}/download",
                        download="",
                        className="btn btn-outline-primary btn-sm",
                        **{"aria-label": f"Download {file.name}"},
                    ),
                ],
                className="file-tools",
            ),
        ]
    )
