"""Every component that has callbacks, once: ``app.create_app`` walks this table."""

from __future__ import annotations

from collections.abc import Callable

from dash import Dash

import components.column_mapping.callbacks
import components.compare.callbacks
import components.cut_bar.callbacks
import components.delete_dialog.callbacks
import components.explore.callbacks
import components.home.callbacks
import components.leaderboard.callbacks
import components.pdf_viewer.callbacks
import components.product_edit.callbacks
import components.product_summary.callbacks
import components.product_table.callbacks
import components.quality_panel.callbacks
import components.row_table.callbacks
import components.token_panel.callbacks
import components.upload_form.callbacks
import components.view_bar.callbacks

CALLBACKS: tuple[Callable[[Dash], None], ...] = (
    components.product_summary.callbacks.register,
    components.explore.callbacks.register,
    components.cut_bar.callbacks.register,
    components.view_bar.callbacks.register,
    components.row_table.callbacks.register,
    components.quality_panel.callbacks.register,
    components.column_mapping.callbacks.register,
    components.upload_form.callbacks.register,
    components.product_edit.callbacks.register,
    components.delete_dialog.callbacks.register,
    components.token_panel.callbacks.register,
    components.product_table.callbacks.register,
    components.home.callbacks.register,
    components.compare.callbacks.register,
    components.leaderboard.callbacks.register,
    components.pdf_viewer.callbacks.register,
)
"""``register(app)`` functions; each attaches the callbacks of one component with ``app.callback``."""
