"""The server's state for whoever runs it: /metrics for Prometheus, /status for people and programs."""
