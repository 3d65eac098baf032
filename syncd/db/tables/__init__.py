"""The tables: schema recall for analysts, schema syncd for the daemon, and the descriptions of both."""
