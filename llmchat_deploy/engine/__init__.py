"""A Docker engine and the argv of its command line."""
