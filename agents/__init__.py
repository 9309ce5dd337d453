"""The Faust agents: take a batch, call planning, mark what changed; they decide nothing."""
