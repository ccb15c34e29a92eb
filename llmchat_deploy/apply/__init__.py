"""Observe a machine and carry out plans on it; the only package that calls writers."""
