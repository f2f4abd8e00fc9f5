"""HTTP, whichever API is spoken: bodies, routes, streams, access, and the document of them all."""
