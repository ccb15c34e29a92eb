"""The rules that settings obey together, a subject per module. Each yields every problem it finds."""
