"""Threads that take transcripts along their path."""
