"""`python -m shapetui`."""

from shapetui.cli.main import run

if __name__ == "__main__":
    run()
