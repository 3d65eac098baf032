"""Where one transcript stands, and why: a Diagnosis of values, and sentences about it."""
