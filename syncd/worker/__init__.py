"""Threads that run the paths of claimed transcripts."""
