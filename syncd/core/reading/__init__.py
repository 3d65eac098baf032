"""From bytes to values: what Recall and the providers sent, read leniently and without any input or output."""
