"""Places elsewhere that keep copies of backups."""
