"""What is done with the directory: one module a family of verbs."""
