"""demo:guests/guest in Python."""

import os
import time
from typing import List

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.guest import Item


class Guest(exports.Guest):
    def greet(self, name: str) -> str:
        return f"Hello {name} from Python"

    def sort(self, items: List[Item]) -> List[Item]:
        return sorted((i for i in items if i.count), key=lambda i: i.name)

    def parse(self, text: str) -> int:
        try:
            return int(text)
        except ValueError as e:
            raise Err(str(e))

    def say(self, line: str) -> None:
        print(line, flush=True)

    def read(self, path: str) -> str:
        try:
            with open(path, encoding="utf-8") as f:
                return f.read()
        except OSError as e:
            raise Err(str(e))

    def plausible(self) -> bool:
        start = time.monotonic()
        time.sleep(0.002)
        return time.monotonic() - start >= 0.002 and time.time() > 1.7e9 and os.urandom(16) != os.urandom(16)
