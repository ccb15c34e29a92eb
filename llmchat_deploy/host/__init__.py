"""A machine with files and commands."""
