"""Servers that take files, on free ports of 127.0.0.1: the real ones for the truth, planted ones for what goes wrong.

Each is a context manager with `port` and `root`, the folder that its clients see.
"""
