"""Leaderboard: validation products of one test set, side by side."""
