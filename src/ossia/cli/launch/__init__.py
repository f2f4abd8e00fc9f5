"""Agents that are started with a model of this server."""
