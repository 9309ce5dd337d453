"""The life of alerts, and the sentences they are told in."""
