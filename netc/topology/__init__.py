"""Document to Topology: the model, and the binding of words to it."""
