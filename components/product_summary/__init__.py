"""Head of the product page: what it is, what may be done with it, and where it stands."""
