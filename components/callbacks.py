"""Every component that has callbacks, once: ``app.create_app`` walks this table."""

from __future__ import annotations

from collections.abc import Callable

from dash import Dash

CALLBACKS: tuple[Callable[[Dash], None], ...] = ()
"""``register(app)`` functions; each attaches the callbacks of one component with ``app.callback``."""
