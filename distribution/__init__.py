"""HOW. Batches and deliveries out, the resolver, the channels, the sender, and the settings that steer them.

Everything that must not be lost or doubled lives in Delivery rows; django-q only wakes the work.
"""
