"""The forwarding model against the kernel: random labs, and what became of pings in them."""
