"""A simulated supply network: it sells, counts, receives, has mishaps, and orders what it is told to."""
