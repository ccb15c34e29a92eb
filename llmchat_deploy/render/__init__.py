"""Turn an Environment and the templates into a Release; pure."""
