"""Other tools that bring the same files into Postgres: small scripts, for environments of their own (`make bench`).

A script takes the URL of an empty database as its argument, and on standard input a JSON document with `ids` and
`urls`, one of each for every file. It may leave files in its working directory.
"""
