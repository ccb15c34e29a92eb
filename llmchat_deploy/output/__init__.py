"""Show plans, progress, tables and JSON; the only package that styles text."""
