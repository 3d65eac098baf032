"""The path of a transcript, a page of the list, and what goes on beside them: read, decide, write."""
