"""Cuts: conditions on the columns of a table, as people write them, as a tree, and as two engines evaluate them."""
