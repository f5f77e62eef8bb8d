"""Compare page: two to four products on common axes."""
