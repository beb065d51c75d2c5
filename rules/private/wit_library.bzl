"""wit_library."""

load("//rules:providers.bzl", "WitInfo")
load(":common.bzl", "PATH_MAPPED", "WIT_FILES", "WIT_TOOLCHAIN_TYPE", "label_text", "tool_args", "wit_info")
load(":wit_place.bzl", "wit_folder", "wit_place")

_DOC = """A WIT package: the .wit files of one folder, or a package in binary form, with the packages it uses.

```starlark
wit_library(
    name = "kv_wit",
    srcs = ["kv.wit"],
    package = "demo:kv@1.0.0",
    deps = ["//wit/types"],
)
```

A build of the target, or of one that uses it, checks that the package and all that it uses resolves. Errors name file and
line.
"""

def _is_id(s):
    return s != "" and not [c for c in s.elems() if not c.isalnum() and c != "-"]

def _check_package_name(ctx):
    name, at, version = ctx.attr.package.partition("@")
    parts = name.split(":")
    if len(parts) < 2 or [p for p in parts if not _is_id(p)] or (at and not version):
        fail("{}: package: {} is not a package name; expected namespace:name or namespace:name@version".format(
            ctx.label,
            repr(ctx.attr.package),
        ))

def _dep_arg(entry):
    return "-dep={}={}".format(wit_place(entry), entry.file.path)

def _plain(ctx, folder, wits):
    """Returns WitInfo.plain, whose files of this package are yet to be made, for the WitInfo of its deps."""
    srcs = [
        f if f.extension == "wasm" else ctx.actions.declare_file("{}.plain/{}".format(ctx.label.name, f.basename))
        for f in ctx.files.srcs
    ]
    deps = depset(transitive = [w.plain.files for w in wits])
    return struct(
        srcs = depset(srcs),
        files = depset([struct(folder = folder, file = f) for f in srcs], transitive = [deps]),
        deps = deps,
        inputs = depset(srcs, transitive = [w.plain.inputs for w in wits]),
    )

def _resolve(ctx, plain, inputs):
    """Declares the validation action that checks the package, and returns its output: the package in binary form."""
    made = [f for f in plain.srcs.to_list() if f not in ctx.files.srcs]
    out = ctx.actions.declare_file(ctx.label.name + ".wit.wasm")
    args = tool_args(ctx)
    args.add("-target=" + label_text(ctx.label))
    args.add(ctx.attr.package, format = "-package=%s")
    args.add(out, format = "-o=%s")
    args.add_all(made, format_each = "-plain=%s")
    args.add_all(plain.deps, map_each = _dep_arg)
    args.add_all(ctx.files.srcs)
    ctx.actions.run(
        executable = ctx.toolchains[WIT_TOOLCHAIN_TYPE].wit.witpackage,
        arguments = [args],
        inputs = inputs,
        outputs = [out] + made,
        mnemonic = "WitPackage",
        progress_message = "Checking WIT package %{label}",
        execution_requirements = PATH_MAPPED,
        toolchain = WIT_TOOLCHAIN_TYPE,
    )
    return out

def _wit_library_impl(ctx):
    seen = {}
    binaries = [f for f in ctx.files.srcs if f.extension == "wasm"]
    if binaries and len(ctx.files.srcs) > 1:
        fail("{}: srcs: {} is a complete WIT package in binary form; move the other files to another wit_library".format(
            ctx.label,
            binaries[0].short_path,
        ))
    for file in ctx.files.srcs:
        if file.basename in seen:
            fail("{}: srcs: {} and {} have the same base name; the files of a WIT package share a folder, so rename one".format(
                ctx.label,
                seen[file.basename].short_path,
                file.short_path,
            ))
        seen[file.basename] = file
    if ctx.attr.package:
        _check_package_name(ctx)
    folder = wit_folder(ctx.label)
    srcs = depset(ctx.files.srcs)
    wits = [wit_info(ctx, "deps", d) for d in ctx.attr.deps]
    deps = depset(transitive = [w.files for w in wits])
    plain = _plain(ctx, folder, wits)
    binary = _resolve(ctx, plain, depset(ctx.files.srcs, transitive = [w.plain.inputs for w in wits]))
    return [
        DefaultInfo(files = srcs),
        OutputGroupInfo(_validation = depset([binary])),
        WitInfo(
            binary = binary,
            srcs = srcs,
            files = depset(
                [struct(folder = folder, file = f) for f in ctx.files.srcs],
                transitive = [deps],
            ),
            deps = deps,
            inputs = depset(ctx.files.srcs, transitive = [w.inputs for w in wits]),
            plain = plain,
            folder = folder,
            package = ctx.attr.package,
        ),
    ]

wit_library = rule(
    implementation = _wit_library_impl,
    doc = _DOC,
    attrs = {
        "srcs": attr.label_list(
            doc = "The .wit files of the package, or one .wasm file that contains it in binary form.",
            allow_files = [".wit", ".wasm"],
            allow_empty = False,
            mandatory = True,
        ),
        "package": attr.string(
            doc = "The package's name, `namespace:name`, with `@version` if it has one. The files must agree with it, " +
                  "or, if it is not set, with each other.",
        ),
        "deps": attr.label_list(
            doc = "The wit_library of each package that the files refer to in `use`, `import`, `export` or `include`.",
            allow_files = WIT_FILES,
            providers = [WitInfo],
        ),
    },
    toolchains = [WIT_TOOLCHAIN_TYPE],
    provides = [WitInfo],
)
