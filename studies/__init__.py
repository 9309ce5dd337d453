"""What `andon backtest`, `andon whatif` and `andon readiness` read and show."""
