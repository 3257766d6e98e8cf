"""Stand-ins that remember. What they stand in for is met for real in the tests of the channel and in the chaos run."""

from distribution.channels.base import Channel, Receipt
from recipients.methods import Method


class RememberingChannel(Channel):
    """Takes everything, unless an answer was planted for an address; writes down what passed the gate."""

    method = Method.EMAIL

    def __init__(self, answers=()):
        self.answers = dict(answers)  # address -> callable(gate), which may raise
        self.took = []  # addresses, in order

    def hand_over(self, delivery, gate):
        if delivery.address in self.answers:
            self.answers[delivery.address](gate)
        else:
            gate()
        self.took.append(delivery.address)
        return Receipt("2.0.0 Ok: queued", "250")

    def close(self):
        pass
