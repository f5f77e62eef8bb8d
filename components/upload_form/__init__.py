"""Form that makes a product out of files and a few words."""
