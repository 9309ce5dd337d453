"""How much to hold and to order, and how far the stock will go."""
