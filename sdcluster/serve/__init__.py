"""The local server of laboratories, whose pages follow changes of the model's file and can try out equations.

`sdcluster.serve.server.serve(…)` serves a browser on 127.0.0.1 until it is interrupted. The server sends only its own
pages, answers only this machine, and never writes a model's file.
"""
