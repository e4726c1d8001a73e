"""Network drivers: patterns of many hosts, each written out as the plain statements that it stands for."""

from netc.networks.expand import expand

__all__ = ["expand"]
