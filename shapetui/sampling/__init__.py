"""Measuring the shape of a database, in the server, and what may leave it."""
