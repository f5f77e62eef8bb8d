"""Pipelines: programs of the portal that make a product from products."""
