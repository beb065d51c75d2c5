"""Tools that make components of scripts, from package registries by their own clients, which know the machine's mirrors; and the compilers
of Rust and TinyGo."""

_BUILD = """load("@rules_wasm_fuse//rules:toolchain.bzl", "wasm_script_toolchain")

wasm_script_toolchain(
    name = "tool",
    program = "{name}",
    visibility = ["//visibility:public"],
)
"""

def client(rctx, program, what, otherwise = ""):
    """Returns the path of a program that installs a tool. Fails if the PATH has none.

    Args:
      rctx: the repository's context.
      program: the name of the program.
      what: the tool.
      otherwise: what else to do, for the message, which begins with a comma.

    Returns:
      The path.
    """
    found = rctx.which(program)
    if not found:
        fail("{} is installed by {}, which is not on the PATH: install it{}, or register another toolchain of its type".format(what, program, otherwise))
    return found

def installed(rctx, what, arguments, environment = {}):
    """Runs a command that installs a tool, and fails if that fails.

    Args:
      rctx: the repository's context.
      what: the tool.
      arguments: the command.
      environment: variables for it.
    """
    done = rctx.execute(arguments, timeout = 1200, environment = environment)
    if done.return_code != 0:
        fail("installing {} failed: {}".format(what, done.stderr))

def _finish(rctx, name, command, version):
    # What tells versions apart is in the program, and so in the keys of its actions.
    rctx.file(name, "#!/bin/sh\n# {}\nexec {} \"$@\"\n".format(hash(version), " ".join(["'{}'".format(c) for c in command])))
    rctx.file("BUILD.bazel", _BUILD.format(name = name))

def _py_impl(rctx):
    python = client(rctx, "python3", "componentize-py")
    site = rctx.path("site")
    installed(rctx, "componentize-py", [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--target",
        site,
        "--requirement",
        rctx.path(rctx.attr.requirements),
    ])
    _finish(rctx, "componentize_py", [python, "-B", rctx.path(rctx.attr._script), site], rctx.read(rctx.attr.requirements))

componentize_py_repository = repository_rule(
    implementation = _py_impl,
    doc = "componentize-py, from its wheel.",
    attrs = {
        "requirements": attr.label(doc = "A requirements file with digests.", mandatory = True),
        "_script": attr.label(default = "//rules/private/scripts:componentize.py"),
    },
)

def _js_impl(rctx):
    node, npm = client(rctx, "node", "componentize-js"), client(rctx, "npm", "componentize-js")
    rctx.symlink(rctx.attr.lock, "package-lock.json")
    rctx.symlink(rctx.attr.manifest, "package.json")
    installed(rctx, "componentize-js", [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"])
    _finish(rctx, "componentize_js", [node, rctx.path(rctx.attr._script), rctx.path(".")], rctx.read(rctx.attr.lock))

componentize_js_repository = repository_rule(
    implementation = _js_impl,
    doc = "componentize-js and what it needs, as a lock file has them.",
    attrs = {
        "lock": attr.label(doc = "A package-lock.json.", mandatory = True),
        "manifest": attr.label(doc = "Its package.json.", mandatory = True),
        "_script": attr.label(default = "//rules/private/scripts:componentize.mjs"),
    },
)

def on_machine(rctx, variable, program, otherwise = ""):
    """Returns the path of a program that an environment variable names, or that is on the PATH. Fails if there is none.

    The repository is made anew when the program changes.

    Args:
      rctx: the repository's context.
      variable: the name of the variable.
      program: the name of the program.
      otherwise: what else to do, for the message, which begins with a comma.

    Returns:
      The path.
    """
    found = rctx.getenv(variable) or rctx.which(program)
    if not found or not rctx.path(found).exists:
        fail("there is no {} {}: install it, or set --repo_env={}=PATH{}".format(
            program,
            "at {} = {}".format(variable, found) if found else "on the PATH",
            variable,
            otherwise,
        ))
    rctx.watch(found)  # another version may come to the same place
    return rctx.path(found)

def printed(rctx, command, environment = {}):
    """Returns what a command prints. Fails if the command does.

    Args:
      rctx: the repository's context.
      command: the command.
      environment: variables for it.

    Returns:
      Its standard output.
    """
    done = rctx.execute(command, environment = environment)
    if done.return_code != 0:
        fail("{}: {}".format(" ".join([str(c) for c in command]), done.stderr or done.stdout))
    return done.stdout

def _tinygo(rctx):
    """Returns the path of the program tinygo: downloaded, or what the environment or the PATH has."""
    if not rctx.attr.sha256:
        return on_machine(rctx, "TINYGO", "tinygo", ", or name a release with the tag guests.tinygo")
    os = "darwin" if rctx.os.name.startswith("mac") else "windows" if rctx.os.name.startswith("windows") else rctx.os.name
    platform = "{}-{}".format(os, {"aarch64": "arm64", "x86_64": "amd64"}.get(rctx.os.arch, rctx.os.arch))
    if platform not in rctx.attr.sha256:
        fail("guests.tinygo(sha256): no digest for this machine, {}: add that of the release for it".format(platform))
    rctx.download_and_extract(
        rctx.attr.url.format(
            platform = platform,
            suffix = "zip" if os == "windows" else "tar.gz",
            version = rctx.attr.version,
        ),
        sha256 = rctx.attr.sha256[platform],
    )
    return rctx.path("tinygo/bin/tinygo" + (".exe" if os == "windows" else ""))

def _tinygo_impl(rctx):
    tinygo = _tinygo(rctx)
    bash, go = [rctx.which(p) for p in ["bash", "go"]]
    if not bash or not go:
        fail("TinyGo needs bash and go on the PATH, and there is no {}".format("go" if bash else "bash"))
    version = printed(rctx, [tinygo, "version"], {"PATH": "{}:{}".format(go.dirname, rctx.getenv("PATH", ""))})
    _finish(rctx, "tinygo_build", [bash, rctx.path(rctx.attr._script), tinygo, go], version)

tinygo_repository = repository_rule(
    implementation = _tinygo_impl,
    doc = "TinyGo, from a release or from this machine, with the Go of this machine.",
    attrs = {
        "sha256": attr.string_dict(doc = "Digests of a release, by platform."),
        "url": attr.string(doc = "Where the release is."),
        "version": attr.string(doc = "The version of the release."),
        "_script": attr.label(default = "//rules/private/scripts:tinygo.sh"),
    },
    configure = True,
    environ = ["TINYGO", "PATH"],
)

def _rust_impl(rctx):
    found = on_machine(rctx, "RUSTC", "rustc")
    version = printed(rctx, [found, "-vV"])
    sysroot = rctx.path(printed(rctx, [found, "--print", "sysroot"]).strip())

    # rustup's rustc chooses a compiler by HOME, which actions do not have, so the compiler itself is taken.
    compiler = sysroot.get_child("bin", "rustc")
    command = [compiler if rctx.execute(["env", "-i", compiler, "-vV"]).stdout == version else found]
    rctx.watch(command[0])
    host = [line.removeprefix("host: ") for line in version.splitlines() if line.startswith("host: ")][0]
    if not sysroot.get_child("lib", "rustlib", host, "bin", "rust-lld").exists:
        beside = found.dirname.get_child("wasm-ld")
        linker = beside if beside.exists else rctx.which("wasm-ld")
        if not linker:
            fail("{} has no rust-lld, and there is no wasm-ld in its folder or on the PATH: install LLVM's lld".format(found))
        rctx.watch(linker)
        version += printed(rctx, [linker, "--version"])
        command += ["-Clinker={}".format(linker), "-Clinker-flavor=wasm-ld"]
    _finish(rctx, "rustc", command, version)

rust_repository = repository_rule(
    implementation = _rust_impl,
    doc = "Rust's compiler on this machine.",
    configure = True,
    environ = ["PATH", "RUSTC"],
)

def _hub_impl(rctx):
    build = []
    for name in ["componentize_js", "componentize_py", "rust", "tinygo"]:
        build.append("""
toolchain(
    name = "{name}",
    toolchain = "@{name}//:tool",
    toolchain_type = "@rules_wasm_fuse//rules:{name}_toolchain_type",
)
""".format(name = name))
    rctx.file("BUILD.bazel", "".join(build))

guests_hub_repository = repository_rule(
    implementation = _hub_impl,
    doc = "The toolchains. Registering them installs nothing.",
)
