"""Shape against shape: the tests, their verdicts, and what to do about them."""
