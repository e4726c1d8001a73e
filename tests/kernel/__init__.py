"""The generated scripts on a real kernel, in throw-away hosts that leave nothing behind."""
