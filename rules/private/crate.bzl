"""Fetches a crate of the Rust registry, for the files in it that are not Rust."""

CRATE_ATTRS = {
    "crate": attr.string(doc = "The crate's name.", mandatory = True),
    "crate_version": attr.string(doc = "The crate's version.", mandatory = True),
    "sha256": attr.string(doc = "The digest of the crate's archive, as the registry's index and Cargo.lock have it.", mandatory = True),
    "url": attr.string(doc = "URL of the archive in a mirror, with {crate} and {version}; by default cargo fetches it."),
}

_MANIFEST = """[package]
name = "fetch"
version = "0.0.0"
edition = "2021"

[dependencies]
{crate} = "={version}"
"""

def fetch_crate(rctx):
    """Fetches the crate that CRATE_ATTRS name: from a mirror by Bazel's downloader, or, without one, by cargo.

    Cargo knows the registry, and credentials that Bazel does not. Either way the digest of the archive must be the given one.

    Args:
      rctx: the context of a repository rule with CRATE_ATTRS.

    Returns:
      The path of the folder with the crate's files.
    """
    crate, version, sha256 = rctx.attr.crate, rctx.attr.crate_version, rctx.attr.sha256
    if rctx.attr.url:
        rctx.download_and_extract(
            rctx.attr.url.format(crate = crate, version = version),
            "crate",
            sha256 = sha256,
            stripPrefix = "{}-{}".format(crate, version),
            type = "tar.gz",
        )
        return rctx.path("crate")
    cargo = rctx.which("cargo")
    if not cargo:
        fail(("{} {} is a crate, and there is no cargo on the PATH to fetch it: install cargo, or say with the tag wasi.mirror where " +
              "its archive is").format(crate, version))
    rctx.file("fetch/Cargo.toml", _MANIFEST.format(crate = crate, version = version))
    rctx.file("fetch/src/lib.rs", "")
    run = rctx.execute([cargo, "vendor", "--quiet", "vendor"], working_directory = "fetch")
    if run.return_code != 0:
        fail("cargo cannot fetch {} {}: {}".format(crate, version, run.stderr))
    folder = rctx.path("fetch/vendor/" + crate)

    # Cargo has compared the archive with the index; this is the digest that both have.
    got = json.decode(rctx.read(folder.get_child(".cargo-checksum.json")))["package"]
    if got != sha256:
        fail("the digest of {} {}, which cargo fetched, is {}, and not {}: compare the registry with the tag or lock file that names it".format(
            crate,
            version,
            got,
            sha256,
        ))
    return folder
