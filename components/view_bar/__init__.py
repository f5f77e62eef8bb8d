"""View bar: how the plots of a product are arranged; all of it lives in the address."""
