"""The wire contract: one module per event family, strict and versioned, knowing nothing else of the project."""
