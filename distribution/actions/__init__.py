"""What a clerk or a worker does to deliveries: one file a family of verbs. Each action is one transaction."""
