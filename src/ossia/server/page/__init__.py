"""The pages for people: a chat at `/` and the operator's at `/status`. Their files are served as they are stored."""
