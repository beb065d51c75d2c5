"""Makes a component of a Python module: componentize.py SITE OUT WORLD MAIN [--wit PLACE=FILE]... [--src PLACE=FILE]...

SITE has the package componentize-py. The files are copied to their places in two folders first, because componentize-py reads
folders and writes caches there.
"""

import os
import shutil
import sys
import tempfile


def main(site, out, world, module, *files):
    out = os.path.abspath(out)
    with tempfile.TemporaryDirectory() as top:
        for flag, pair in zip(files[::2], files[1::2]):
            place, _, file = pair.partition("=")
            target = os.path.join(top, flag.lstrip("-"), place)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(file, target)
        sys.path.insert(0, site)
        import componentize_py

        # Its standard output only says that it has succeeded, which Bazel would show. Errors are on standard error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.argv = ["componentize-py", "-d", top + "/wit", "-w", world, "componentize", "-p", top + "/src", module, "-o", out]
        componentize_py.script()


main(*sys.argv[1:])
