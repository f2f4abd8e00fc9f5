"""OpenAI's Responses API, with state."""
