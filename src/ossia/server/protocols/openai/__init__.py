"""OpenAI's API, but for Responses."""
