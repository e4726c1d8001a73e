"""Document to Document: `let`, `for`, `template`, `use`, `include` and `${...}` are gone afterwards."""

from netc.unroll.unroll import unroll

__all__ = ["unroll"]
