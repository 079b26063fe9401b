"""The version, as a literal: `--version` must not read package metadata."""

__version__ = "0.1.0"
