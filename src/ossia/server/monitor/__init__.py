"""Figures of the server for whoever runs it: metrics, the last hour, and traces. No HTTP is known here."""
