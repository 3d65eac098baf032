"""Where one transcript stands, and why, in words."""
