"""A simulated supply network with customers, suppliers and mishaps: it sells, counts and receives, and orders what it is told to."""
