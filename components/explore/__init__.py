"""Explore tab: the plots of a product."""
