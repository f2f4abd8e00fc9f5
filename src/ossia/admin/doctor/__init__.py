"""`ossia doctor`: an examination of this machine, its store and its settings, without a server. It changes nothing."""
