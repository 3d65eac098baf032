"""A Recall that runs on this machine, for trying syncd out without a key."""
