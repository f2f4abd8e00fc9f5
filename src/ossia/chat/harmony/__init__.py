"""Harmony, gpt-oss's chat format: conversations to ids, sampled ids to events, and the grammar of a turn."""
