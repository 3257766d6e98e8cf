"""What staff may ask of invoices and type on them: one module a page family."""
