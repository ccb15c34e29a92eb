"""Parse the command line, call one operation, show its outcome."""
