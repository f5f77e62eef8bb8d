"""Table tab: every row of the main file, paged, sorted and filtered on the server."""
