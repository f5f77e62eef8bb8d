"""Columns tab: what every column means, and how that was found."""
