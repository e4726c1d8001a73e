"""The forwarding model: which way a packet takes through a lab, and where and why it ends."""
