"""WHAT. Invoices, credit notes and payments, the formats they speak, and the page they are printed on.

Leaves to others: who receives (recipients), how and when it leaves (distribution).
"""
