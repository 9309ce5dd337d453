"""`andon connect http`: events and shops' orders by HTTP."""
