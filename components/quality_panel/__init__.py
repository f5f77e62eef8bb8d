"""Quality tab: the automatic checks of a product."""
