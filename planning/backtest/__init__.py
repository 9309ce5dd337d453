"""Backtest: the planning core driven through history in event time, with its orders coming back as stock."""
