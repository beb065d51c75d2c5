"""Reads wkg.lock, the file in which wkg records the WIT packages that a project uses, with their digests.

It is TOML. What follows is the part of it that wkg writes (crate wasm-pkg-core, lock.rs): comments, arrays of tables, and keys
with a string or an integer. Everything else is an error rather than misread.
"""

_SPACE = " \t\r"

# wkg reads the singular too, which its first versions wrote.
_TABLES = {
    "package": "package",
    "package.version": "version",
    "package.versions": "version",
    "packages": "package",
    "packages.version": "version",
    "packages.versions": "version",
}

def _value(text):
    """Returns the value at the beginning of a text and what follows it, or None and a message."""
    quote = text[:1]
    if quote and quote in "\"'":
        value, end, rest = text[1:].partition(quote)
        if not end or text.startswith(3 * quote):
            return None, "a string on one line is expected"
        if quote == "\"" and "\\" in value:
            return None, "a string without escapes is expected"
        return value, rest
    if text.startswith("[]"):
        return [], text[2:]
    digits = text[:len(text) - len(text.lstrip("0123456789"))]
    if not digits:
        return None, "a string or a number is expected"
    return int(digits), text[len(digits):]

def _line(text):
    """Parses a line.

    Returns:
      struct(table, key, value), of which there is the table, or the key with its value, or nothing; or a message.
    """
    text = text.strip(_SPACE)
    if not text or text.startswith("#"):
        return struct(table = "", key = "", value = None)
    if text.startswith("[["):
        name, end, rest = text[2:].partition("]]")
        name = name.strip(_SPACE)
        if not end or name not in _TABLES:
            return "the tables are [[packages]] and [[packages.versions]]"
        found = struct(table = _TABLES[name], key = "", value = None)
    else:
        key, equals, rest = text.partition("=")
        key = key.strip(_SPACE)
        if not equals or not key or [c for c in key.elems() if not c.isalnum() and c not in "_-"]:
            return "KEY = VALUE is expected, or the beginning of a table"
        value, rest = _value(rest.lstrip(_SPACE))
        if value == None:
            return "{}: {}".format(key, rest)
        found = struct(table = "", key = key, value = value)
    rest = rest.strip(_SPACE)
    return found if not rest or rest.startswith("#") else "nothing is expected after that, but a comment"

def _is_label(text):
    return text != "" and not [c for c in text.elems() if not c.isalnum() and c != "-"]

def _is_version(text):
    # It becomes a folder, so ".." must not be one.
    numbers = text.split("+")[0].split("-")[0].split(".")
    return len(numbers) == 3 and all([n.isdigit() for n in numbers]) and not [c for c in text.elems() if not c.isalnum() and c not in ".+-"]

def _is_digest(text):
    hex = text.removeprefix("sha256:")
    return len(hex) == 64 and hex != text and not [c for c in hex.elems() if c not in "0123456789abcdef"]

def _check(package, version):
    """Returns what is wrong with a version of a package, or an empty text."""
    name = package.get("name", "")
    parts = name.split(":") if type(name) == "string" else []
    if len(parts) != 2 or not _is_label(parts[0]) or not _is_label(parts[1]):
        return "name = {}: namespace:name is expected".format(repr(name))
    for key, valid, example in [("version", _is_version, "1.0.0"), ("digest", _is_digest, "sha256: and 64 hexadecimal digits")]:
        value = version.get(key, "")
        if type(value) != "string" or not valid(value):
            return "{}: {} = {}: {} is expected".format(name, key, repr(value), example)
    if type(package.get("registry", "")) != "string":
        return "{}: registry = {}: a string is expected".format(name, repr(package["registry"]))
    return ""

def parse_lock(text):
    """Parses a lock file.

    Args:
      text: its content.

    Returns:
      struct(packages, error). packages is a list of struct(namespace, name, version, sha256, registry), in the order of the file,
      each once; registry may be empty. error is a message that begins with a line number, or empty.
    """
    top, package, version = {}, None, None
    packages, seen = [], {}

    # An empty table ends the last version.
    for number, line in enumerate(text.split("\n") + ["[[packages]]"]):
        found = _line(line)
        if type(found) == "string":
            return struct(packages = [], error = "{}: {}".format(number + 1, found))
        if found.table:
            if version != None:
                wrong = _check(package, version[1])
                if wrong:
                    return struct(packages = [], error = "{}: {}".format(version[0], wrong))
                namespace, _, name = package["name"].partition(":")
                read = struct(
                    namespace = namespace,
                    name = name,
                    registry = package.get("registry", ""),
                    sha256 = version[1]["digest"].removeprefix("sha256:"),
                    version = version[1]["version"],
                )
                if read not in seen:  # several requirements may have led to one version
                    seen[read] = True
                    packages.append(read)
                version = None
            if found.table == "package":
                package = {}
            elif package == None:
                return struct(packages = [], error = "{}: this version belongs to no package: [[packages]] is expected first".format(number + 1))
            else:
                version = (number + 1, {})
        elif found.key:
            into = version[1] if version != None else package if package != None else top
            if found.key in into:
                return struct(packages = [], error = "{}: {} is there twice".format(number + 1, found.key))
            into[found.key] = found.value
    if top.get("version") != 1:
        return struct(packages = [], error = "1: version = {}: only version 1 of these files is known".format(repr(top.get("version"))))
    return struct(packages = packages, error = "")
