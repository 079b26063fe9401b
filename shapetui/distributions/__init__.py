"""Pure numpy: bins, discrete distributions, power law, log-normal, spliced sizes, categories, the week."""
