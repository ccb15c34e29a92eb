"""Who is calling: passwords, sessions, attempts."""
