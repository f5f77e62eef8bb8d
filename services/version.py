"""Version of the portal, shown in the footer and equal to the one in ``pyproject.toml`` (tested)."""

VERSION = "0.1.0"
LICENCE = "MIT"
