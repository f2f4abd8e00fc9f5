"""Work that strangers wrote, in processes that can be killed: chat templates of models, and grammars of clients.

It may run for ever or ask for all memory, so it is given a bounded share of both. A process imports only what its kind
of work needs: it starts in a twentieth of a second.
"""
