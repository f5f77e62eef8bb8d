"""Frame around every page: top bar, banner, toasts, footer, and the pieces pages are framed with."""
