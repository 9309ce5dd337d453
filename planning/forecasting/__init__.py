"""Rolling forecasts: candidates that learn from every closed day, what their forecasts were worth, and who speaks."""
