"""Everything that is decided about one item when somebody looks at it."""
