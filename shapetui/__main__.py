"""`python -m shapetui`."""

from shapetui.cli.entry import run

if __name__ == "__main__":
    run()
