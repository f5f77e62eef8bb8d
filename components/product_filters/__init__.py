"""Filters of the product lists: what the address says, and the rail that changes it."""
