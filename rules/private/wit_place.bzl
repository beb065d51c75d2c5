"""Places of WIT files in the folder that programs read WIT from."""

def _escaped(text, kept):
    # No two texts become the same one. The code of a character has two digits, because Bazel keeps names as bytes.
    return "".join([c if c.isalnum() or c in kept else ",%x" % hash(c) for c in text.elems()])

def wit_folder(label):
    """Returns the name of a package's folder, which is unique among all packages of a build.

    Args:
      label: the Label of the wit_library.

    Returns:
      The name, which is the same in every configuration.
    """
    return _escaped(str(label).lstrip("@"), "-_")

def wit_name(file):
    """Returns the name of a File in its package's folder: its base name, without characters of other meaning on command lines."""
    return _escaped(file.basename, "-_.")

def wit_place(entry):
    """Returns the place of a dependency's file in the folder deps of the package that uses it.

    Args:
      entry: an element of WitInfo.files.

    Returns:
      The path. A package in binary form is a single file beside the other packages' folders.
    """
    if entry.file.extension == "wasm":
        return "{}.wasm".format(entry.folder)
    return "{}/{}".format(entry.folder, wit_name(entry.file))
