"""The formats that invoices come and go in, as plain Python and lxml: no Django, no database, no translated text.

`core` is the invoice itself (EN 16931), each format reads into it, `checks` judges it, `findings` says what is wrong.
"""
