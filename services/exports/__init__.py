"""Rows of a table written as files while they are read: one writer a format, each in bounded memory."""
