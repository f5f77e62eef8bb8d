"""Lists of products: table on wide screens, cards on a phone."""
