"""Cut bar: which rows count, on the plots and in the table of a product."""
