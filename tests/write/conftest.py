from tests.cache import own_cache

__all__ = ["own_cache"]
