"""What the panels say, as rich text made from the state: pure functions, tested without a terminal."""
