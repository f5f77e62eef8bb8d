"""Fixtures every room shares; they live in ``tests/support`` by subject."""

# Each plugin imports only from those before it: pytest rewrites the asserts of a plugin when it loads it.
pytest_plugins = [
    "tests.support.files",
    "tests.support.databases",
    "tests.support.portal",
    "tests.support.browser",
]
