"""Frozen value objects that travel between the rooms."""
