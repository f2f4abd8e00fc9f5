"""The command line: a small client of the server."""
