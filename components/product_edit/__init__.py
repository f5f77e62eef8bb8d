"""Form that changes a product."""
