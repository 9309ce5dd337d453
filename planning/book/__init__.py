"""The book of one item at one location: what events do to it, and what it knows of its arrivals."""
