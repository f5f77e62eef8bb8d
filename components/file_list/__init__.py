"""Files tab: what is stored, with checksums and links."""
