"""Harmony, the chat format of gpt-oss: conversations to ids, sampled ids to events, and the grammar of a turn."""
