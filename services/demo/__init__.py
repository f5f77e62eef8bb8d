"""Demo data: a simulated LSST-like survey, made from published formulas and one seed."""
