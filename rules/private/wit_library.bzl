"""wit_library."""

load("//rules:providers.bzl", "WitInfo")

_DOC = """A WIT package: the .wit files of one folder, and the packages they use.

```starlark
wit_library(
    name = "kv_wit",
    srcs = ["kv.wit"],
    deps = ["//wit/types"],
)
```
"""

def _folder(label):
    # Unique among all packages of a build, and the same in every configuration.
    return "".join([c if c.isalnum() else "-" for c in str(label).lstrip("@").elems()])

def _wit_library_impl(ctx):
    seen = {}
    for file in ctx.files.srcs:
        if file.basename in seen:
            fail("{}: srcs: {} and {} have one name; the files of a WIT package lie in one folder, so rename one".format(
                ctx.label,
                seen[file.basename].short_path,
                file.short_path,
            ))
        seen[file.basename] = file
    folder = _folder(ctx.label)
    srcs = depset(ctx.files.srcs)
    return [
        DefaultInfo(files = srcs),
        WitInfo(
            srcs = srcs,
            files = depset(
                [struct(folder = folder, file = f) for f in ctx.files.srcs],
                transitive = [d[WitInfo].files for d in ctx.attr.deps],
            ),
            folder = folder,
        ),
    ]

wit_library = rule(
    implementation = _wit_library_impl,
    doc = _DOC,
    attrs = {
        "srcs": attr.label_list(
            doc = "The .wit files of the package.",
            allow_files = [".wit"],
            allow_empty = False,
            mandatory = True,
        ),
        "deps": attr.label_list(
            doc = "The wit_library of each package that the files name in `use`, `import`, `export` or `include`.",
            providers = [WitInfo],
        ),
    },
    provides = [WitInfo],
)
