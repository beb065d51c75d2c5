"""Tools that make components of scripts, from package registries by their own clients, which know the machine's mirrors."""

_BUILD = """load("@rules_wasm_fuse//rules:toolchain.bzl", "wasm_script_toolchain")

wasm_script_toolchain(
    name = "tool",
    program = "{name}",
    visibility = ["//visibility:public"],
)
"""

def _client(rctx, program, what):
    found = rctx.which(program)
    if not found:
        fail("{} is installed by {}, which is not on the PATH: install it, or register another toolchain of its type".format(what, program))
    return found

def _installed(rctx, what, arguments, environment = {}):
    done = rctx.execute(arguments, timeout = 1200, environment = environment)
    if done.return_code != 0:
        fail("installing {} failed: {}".format(what, done.stderr))

def _finish(rctx, name, command, lock):
    # The digest of the lock file is in the program, and so in the keys of its actions.
    rctx.file(name, "#!/bin/sh\n# {}\nexec {} \"$@\"\n".format(hash(rctx.read(lock)), " ".join(["'{}'".format(c) for c in command])))
    rctx.file("BUILD.bazel", _BUILD.format(name = name))

def _py_impl(rctx):
    python = _client(rctx, "python3", "componentize-py")
    site = rctx.path("site")
    _installed(rctx, "componentize-py", [
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
    _finish(rctx, "componentize_py", [python, "-B", rctx.path(rctx.attr._script), site], rctx.attr.requirements)

componentize_py_repository = repository_rule(
    implementation = _py_impl,
    doc = "componentize-py, from its wheel.",
    attrs = {
        "requirements": attr.label(doc = "A requirements file with digests.", mandatory = True),
        "_script": attr.label(default = "//rules/private/scripts:componentize.py"),
    },
)

def _js_impl(rctx):
    node, npm = _client(rctx, "node", "componentize-js"), _client(rctx, "npm", "componentize-js")
    rctx.symlink(rctx.attr.lock, "package-lock.json")
    rctx.symlink(rctx.attr.manifest, "package.json")
    _installed(rctx, "componentize-js", [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"])
    _finish(rctx, "componentize_js", [node, rctx.path(rctx.attr._script), rctx.path(".")], rctx.attr.lock)

componentize_js_repository = repository_rule(
    implementation = _js_impl,
    doc = "componentize-js and what it needs, as a lock file has them.",
    attrs = {
        "lock": attr.label(doc = "A package-lock.json.", mandatory = True),
        "manifest": attr.label(doc = "Its package.json.", mandatory = True),
        "_script": attr.label(default = "//rules/private/scripts:componentize.mjs"),
    },
)

def _hub_impl(rctx):
    build = []
    for name in ["componentize_js", "componentize_py"]:
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
