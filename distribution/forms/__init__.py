"""What staff choose and type about sending: one module a page family."""
