"""Decisions, as pure functions of state, event and time; its rooms may import those that come before them."""
