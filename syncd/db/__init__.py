"""The only SQL. Singular is a value in syncd.core, plural is where it is stored."""
