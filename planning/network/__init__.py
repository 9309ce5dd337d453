"""Networks of locations: what is needed of a warehouse, how it shares what is short, and where safety stock belongs."""
