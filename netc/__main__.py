"""Lets `python -m netc` do what `netc` does."""

from netc.cli import main

if __name__ == "__main__":
    main()
