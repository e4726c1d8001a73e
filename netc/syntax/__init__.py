"""Text to Document: the tree, the parser and the formatter."""
