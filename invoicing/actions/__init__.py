"""What happens to invoices before and after they travel: one module a family of verbs."""
