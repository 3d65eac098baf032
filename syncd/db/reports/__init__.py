"""What syncd status and syncd explain read."""
