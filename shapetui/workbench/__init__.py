"""What the user is working on: one immutable state, its parameters, intents, undo, journal and expected verdict."""
