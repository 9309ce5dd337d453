"""Andon: an event-streaming replenishment pipeline; each folder here is a link to one at the top."""
