"""Shape to config (fitting), config to expected shape (predicting)."""
