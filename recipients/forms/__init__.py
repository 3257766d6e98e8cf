"""What people type about themselves and about the cards: one module a page family."""
