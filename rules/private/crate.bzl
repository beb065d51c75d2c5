"""Fetches a crate of the Rust registry, for the files in it that are not Rust."""

CRATE_ATTRS = {
    "crate": attr.string(doc = "The crate's name.", mandatory = True),
    "crate_version": attr.string(doc = "The crate's version.", mandatory = True),
    "sha256": attr.string(doc = "The digest of the crate's archive, as the registry's index and Cargo.lock have it.", mandatory = True),
    "url": attr.string(doc = "URL of the archive, with {crate} and {version}.", mandatory = True),
}

_MANIFEST = """[package]
name = "fetch"
version = "0.0.0"
edition = "2021"

[dependencies]
{crate} = "={version}"
"""

def fetch_crate(rctx):
    """Fetches the crate that CRATE_ATTRS name: by Bazel's downloader, or where that fails, by cargo if there is one.

    Cargo knows mirrors and credentials that Bazel does not. Either way the digest of the archive must be the given one.

    Args:
      rctx: the context of a repository rule with CRATE_ATTRS.

    Returns:
      The path of the folder with the crate's files.
    """
    crate, version, sha256 = rctx.attr.crate, rctx.attr.crate_version, rctx.attr.sha256
    url = rctx.attr.url.format(crate = crate, version = version)
    done = rctx.download_and_extract(
        url,
        "crate",
        allow_fail = True,
        sha256 = sha256,
        stripPrefix = "{}-{}".format(crate, version),
        type = "tar.gz",
    )
    if done.success:
        return rctx.path("crate")
    cargo = rctx.which("cargo")
    if not cargo:
        fail(("{} {} cannot be downloaded from {}, and there is no cargo on the PATH to fetch it. Set another URL with the tag " +
              "wasi.mirror, put the archive into a folder named by --distdir, or install cargo").format(crate, version, url))
    rctx.file("fetch/Cargo.toml", _MANIFEST.format(crate = crate, version = version))
    rctx.file("fetch/src/lib.rs", "")
    run = rctx.execute([cargo, "vendor", "--quiet", "vendor"], working_directory = "fetch")
    if run.return_code != 0:
        fail("{} {} cannot be downloaded from {}, nor by cargo: {}".format(crate, version, url, run.stderr))
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
