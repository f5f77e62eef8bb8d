"""A portal in memory for the tests of programs that use this package."""

from pzserver.testing.portal import TOKEN, MockPortal

__all__ = ["TOKEN", "MockPortal"]
