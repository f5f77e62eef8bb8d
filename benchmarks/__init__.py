"""Benchmarks: what the portal does, timed against named baselines in the same run."""
