"""The laboratory served on this machine: pages that follow the model's file, and equations that can be tried out.

Crosses the border: `sdcluster.serve.server.serve(…)` answers a browser on 127.0.0.1 until it is interrupted. It
answers only pages of its own, and only to this machine; it never writes a model's file.
"""
