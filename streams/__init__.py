"""The machinery: settings, the Faust app, topics, record batches, state and checkpoints, dead letters, metrics."""
