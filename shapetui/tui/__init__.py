"""The workbench in a terminal: shows one immutable state and sends intents; holds none of it."""
