"""The whole view of a product to take away: report, PDF, notebook."""
