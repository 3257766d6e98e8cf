"""The story that `manage.py demo_data` tells: who (people), what (invoices, ubl), and what then happened (acts).

People and invoices are plain data, the same at every telling but for the dates, which count back from today. All that
happens to them is done by the actions that the screens call.
"""
