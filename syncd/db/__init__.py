"""The only door to Postgres. Singular is a value in syncd.core, plural is the shelf it lies on here."""
