"""WHO. Workspaces, companies and their people; customers, organisations and what they chose; history and the archive.

Leaves to others: what is owed (invoicing), how it goes out (distribution).
"""
