"""`python -m shapetui`."""

from shapetui.entry import run

if __name__ == "__main__":
    run()
