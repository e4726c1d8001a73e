"""netc: a compiler for Linux network labs."""

__version__ = "0.1.0"
