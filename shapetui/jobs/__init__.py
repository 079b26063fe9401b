"""The long work of shapetui, as both faces run it: from request to document on disk. One module for each command, so
that none of them imports what only another needs."""
