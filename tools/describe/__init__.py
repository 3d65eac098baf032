"""Writes the documents that explain schema `recall` to analysts, from a database that was just migrated."""
