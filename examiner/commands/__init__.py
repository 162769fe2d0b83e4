"""The command line, a file for each group of commands.

A command imports what it works with inside its function: so `examiner --help` does not load the readers.
"""
