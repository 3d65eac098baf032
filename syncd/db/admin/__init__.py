"""The schema and its migrations, grants, and reparsing."""
