"""The only door to the Recall API and its file store."""
