"""Writing model files: a `sdcluster.model.Model` goes in, an XMILE file comes out."""

from sdcluster.write.xmile import write_xmile

__all__ = ["write_xmile"]
