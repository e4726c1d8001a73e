"""Document to Topology: what the words mean, bound by position, and by name to each other."""

from netc.bind.bind import bind

__all__ = ["bind"]
