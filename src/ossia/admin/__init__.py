"""Commands that manage this machine's ossia without a server; imported on demand."""
