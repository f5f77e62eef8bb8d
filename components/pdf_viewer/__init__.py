"""PDF viewer: the PDF of one object at a time."""
