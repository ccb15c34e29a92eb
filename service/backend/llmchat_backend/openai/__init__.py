"""The OpenAI protocol towards programs: editors, scripts, agents."""
