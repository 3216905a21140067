"""Write a `sdcluster.model.Model` to an XMILE file."""

from sdcluster.write.xmile import write_xmile

__all__ = ["write_xmile"]
