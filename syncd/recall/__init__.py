"""The clients of the Recall API and of its file store; the only package that speaks HTTP."""
