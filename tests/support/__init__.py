"""Working stand-ins and fixtures for the tests: real databases, a real portal, a real browser."""
