"""The files that shapetui reads and writes, as pydantic models; atomic load and save; finding them in a folder."""
