"""Dialog with the address of a product."""
