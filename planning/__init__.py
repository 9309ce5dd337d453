"""The pure core: position, demand, lead time, policy, projection, disruption and the life of alerts. Time is an argument."""
