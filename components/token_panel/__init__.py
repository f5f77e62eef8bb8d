"""API tokens of a person."""
