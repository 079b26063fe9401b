"""Filling a database with synthetic rows: plan, conversations, time slices, batches, load."""
