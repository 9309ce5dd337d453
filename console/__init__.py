"""The board as people work with it: what may be answered to what is open, and what says so."""
