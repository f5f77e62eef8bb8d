"""Dialog that asks before a product is deleted, and the way back."""
