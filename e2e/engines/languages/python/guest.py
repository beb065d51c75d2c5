"""The resources of demo:guests/guest, which componentize-py looks for in a module with the interface's name."""

from wit_world.exports import guest


class Tally(guest.Tally):
    def __init__(self, start: int):
        self.sum = start

    def add(self, n: int) -> int:
        self.sum += n
        return self.sum
