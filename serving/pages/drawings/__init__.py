"""Drawings made on the server: a share, or some, with their intervals, in words and as SVG."""
