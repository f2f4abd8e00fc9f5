"""Commands that manage this machine's ossia from inside, without a server: imported when asked for."""
