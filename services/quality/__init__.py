"""Automatic checks of tables: they flag, they never block (domain rules in ``registry``)."""
