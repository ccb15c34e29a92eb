"""The backup format, and all that is done to backups: on the host and inside containers of the backend's image."""

__version__ = "0.1.0"
