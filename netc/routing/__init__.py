"""`routing auto`: static shortest-path routes for a whole lab, written out as the statements that they are."""

from netc.routing.write import asks_for_routes, write_routes

__all__ = ["asks_for_routes", "write_routes"]
