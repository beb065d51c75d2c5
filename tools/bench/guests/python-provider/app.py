from typing import List

from wit_world import exports


class Work(exports.Work):
    def greet(self, name: str) -> str:
        return f"Hello {name}"

    def total(self, numbers: List[int]) -> int:
        return sum(numbers)
