"""`ossia bench`: the speed of a model, seen by a client of the server, and of other servers under the same load."""
