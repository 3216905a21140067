"""The local server of laboratories: pages follow the model's file, and equations can be tried out.

Interface: `sdcluster.serve.server.serve(…)` serves a browser on 127.0.0.1 until it is interrupted. It serves
only its own pages, only to this machine, and never writes a model's file.
"""
