"""Writes the documents that explain schema `recall` where analysts look, from a database that was just migrated."""
