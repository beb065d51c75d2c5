"""demo:shop/report in Python."""

from typing import List, Tuple

from wit_world import exports


class Report(exports.Report):
    def visits(self, counts: List[Tuple[str, int]]) -> str:
        return ", ".join(f"{user}: {n}" for user, n in sorted(counts, key=lambda c: -c[1]) if n)
