"""What the actions do: a module for each subject, a method for each action of the table.

A handler reads `app.shown`, sends intents, replaces what is shown; it keeps no state that a screen shows.
"""
