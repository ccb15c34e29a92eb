"""Turn profiles, env files and overrides into one typed, validated Environment."""
