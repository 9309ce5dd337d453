"""What one item sells: level and spread, weekdays, promotions, holidays, spikes."""
