"""Connections, the embedded server, the chat tables and what the catalogue says of them."""
