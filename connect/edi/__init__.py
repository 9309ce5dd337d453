"""X12 and EDIFACT: what partners send becomes events, and what is sent to them is written."""
