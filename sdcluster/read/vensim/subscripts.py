"""Empty; removed in the next commit."""
