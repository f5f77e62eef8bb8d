"""Version of the package."""

__version__ = "0.4.0"


def get_version() -> str:
    """Version of the package."""
    return __version__
