"""Consistent copies of databases that are in use: one port, an adapter for each engine."""
