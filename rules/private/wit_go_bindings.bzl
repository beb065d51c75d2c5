"""wit_go_bindings and wasm_go_module, which load rules_go."""

load("@rules_go//go:def.bzl", "go_binary", "go_library")
load(":bindings.bzl", "BINDINGS_ATTRS", "BINDINGS_EXEC_GROUPS", "bindings_action")

# What bindings import of the Go module that they need.
_RUNTIME = [
    Label("@org_bytecodealliance_go_pkg//wit/runtime"),
    Label("@org_bytecodealliance_go_pkg//wit/types"),
]

# The package with the functions that the core module exports, as wit-bindgen calls it.
_EXPORTS = "wit_exports"

# Of the target that generates the files of a wit_go_bindings, behind the name of that.
_SOURCES = "_sources"

def _check(ctx, where):
    """Fails if the attributes of wit_go_bindings contradict themselves."""
    path = ctx.attr.importpath
    if not path or path != path.strip("/ "):
        fail("{}: importpath = {}: expected the import path of the folder that the packages are in, such as \"example.com/app/bindings\"".format(where, repr(path)))
    for package, uses in ctx.attr.imports.items():
        for used in uses:
            if used not in ctx.attr.imports:
                fail("{}: imports: {} uses {}, which has no entry; add \"{}\": []".format(where, package, used, used))
    for package in ctx.attr.exports:
        if not package.startswith("export_"):
            fail("{}: exports: {} is no package of an exported interface: their names begin with export_; write \"export_{}\"".format(where, package, package))

def _wit_go_sources_impl(ctx):
    where = str(ctx.label).removesuffix(_SOURCES)
    _check(ctx, where)
    folder = "/".join([part for part in [ctx.label.package, ctx.attr.folder] if part]) + "/"
    bindings_action(
        ctx,
        "go",
        {f.short_path.partition(folder)[-1]: f for f in ctx.outputs.outs},
        ["-importpath=" + ctx.attr.importpath] +
        ["-import={}={}".format(package, ",".join(uses)) for package, uses in ctx.attr.imports.items()] +
        ["-export=" + package for package in ctx.attr.exports],
        where = where,
    )
    outs = depset(ctx.outputs.outs)
    return [DefaultInfo(files = outs), OutputGroupInfo(sources = outs)]

wit_go_sources = rule(
    implementation = _wit_go_sources_impl,
    doc = "See wit_go_bindings.",
    attrs = BINDINGS_ATTRS | {
        "exports": attr.string_list(doc = "Packages that the user completes."),
        "folder": attr.string(doc = "The folder of outs, below the package.", mandatory = True),
        "importpath": attr.string(doc = "The import path of that folder."),
        "imports": attr.string_list_dict(doc = "Generated packages, each with those that it uses."),
        "outs": attr.output_list(doc = "The files, at their places in the folder.", mandatory = True),
    },
    exec_groups = BINDINGS_EXEC_GROUPS,
)

def wit_go_bindings(name, importpath, wit, world, imports = {}, exports = {}, **kwargs):
    """Generates bindings in Go of a WIT world, as Go packages.

    ```starlark
    wit_go_bindings(
        name = "library",
        importpath = "example.com/hello/library",
        wit = ":wit",
        world = "library",
        exports = {"export_demo_hello_greeter": ":greeter_go"},
    )

    go_library(
        name = "greeter_go",
        srcs = ["greeter.go"],  # package export_demo_hello_greeter, with func Greet(name string) string
        embed = [":library_export_demo_hello_greeter"],
    )

    wasm_go_module(
        name = "greeter_core",
        embed = [":library"],
    )

    wasm_component(
        name = "greeter",
        adapter = "@rules_wasm_fuse//rules/adapters:stateless",
        core = ":greeter_core",
        wit = ":wit",
        world = "library",
    )
    ```

    The packages are those of `wit-bindgen go --pkg-name`. Each interface that the world imports is a package in the folder `imports`, with
    its functions and types. The package's name consists of namespace, package and interface: `demo_hello_greeter`. What the world itself
    imports is in `wit_world`. Types of exported interfaces are in packages of this folder too, unless there are exported resources in them.

    The functions and resources of an exported interface are what you define, in a package of the folder `exports`, such as
    `export_demo_hello_greeter`, and those of the world itself in `export_wit_world`. The package is a `go_library` that embeds what is
    generated for it, and has its import path from there.

    The targets are:

    | target | what it is |
    |---|---|
    | `NAME` | the program that exports the functions, for `embed` of `wasm_go_module` |
    | `NAME_PACKAGE` for each of `imports` | a `go_library`, for `deps` of your own |
    | `NAME_PACKAGE` for each of `exports` | what is generated for it, for `embed` of your `go_library` |
    | `NAME_wit_exports` | a `go_library` with the exported functions, for a program of your own |
    | `NAME_sources` | the generated files, below `NAME_/`; also its output group `sources` |

    `imports` and `exports` have to be complete. If they are not, the build fails, and the message says what to write. The Gazelle extension
    of this module writes both.

    Asynchronous functions, streams and futures need a version of Go that is not released, so a world that has any is an error.
    The packages need the Go module `go.bytecodealliance.org/pkg`, which this module depends on. They can be compiled for other
    platforms too, so that `go_test` can test what you define, but their functions can be called only in WebAssembly.

    Args:
      name: name of the target.
      importpath: import path of the folder that the packages are in.
      wit: the wit_library that contains the world.
      world: the world's name in that package.
      imports: the packages in `imports`, each with those of them that it uses: `{"demo_hello_greeter": []}`.
      exports: the packages in `exports`, each with the `go_library` that defines its functions.
      **kwargs: attributes of all rules, such as `visibility` and `tags`, for all targets.
    """
    folder = name + "_"
    files_of = {
        path: ["{}/{}/{}".format(folder, path, f) for f in ["wit_bindings.go", "empty.s"]]
        for path in ["imports/" + p for p in imports] + ["exports/" + p for p in exports]
    }
    exported = "exports/" + _EXPORTS
    files_of[exported] = ["{0}/{1}/{2}.go".format(folder, exported, _EXPORTS)]
    main = folder + "/main.go"
    wit_go_sources(
        name = name + _SOURCES,
        exports = exports.keys(),
        folder = folder,
        importpath = importpath,
        imports = imports,
        outs = [f for files in files_of.values() for f in files] + [main],
        wit = wit,
        world = world,
        **kwargs
    )
    for package, uses in imports.items():
        go_library(
            name = "{}_{}".format(name, package),
            srcs = files_of["imports/" + package],
            importpath = "{}/imports/{}".format(importpath, package),
            deps = ["{}_{}".format(name, used) for used in uses if used in imports] + _RUNTIME,
            **kwargs
        )
    libraries = ["{}_{}".format(name, package) for package in imports] + _RUNTIME
    for package in exports:
        # Only to be embedded: it may use what the user defines. No go_source, which would pass settings of Go on to its sources.
        go_library(
            name = "{}_{}".format(name, package),
            srcs = files_of["exports/" + package],
            importpath = "{}/exports/{}".format(importpath, package),
            deps = libraries,
            **(kwargs | {"tags": kwargs.get("tags", []) + ["manual"]})
        )
    go_library(
        name = "{}_{}".format(name, _EXPORTS),
        srcs = files_of[exported],
        importpath = "{}/{}".format(importpath, exported),
        deps = exports.values() + libraries,
        **kwargs
    )
    go_library(
        name = name,
        srcs = [main],
        importpath = importpath,
        deps = ["{}_{}".format(name, _EXPORTS)],
        **kwargs
    )

def wasm_go_module(name, gc_linkopts = [], **kwargs):
    """Builds a core module of Go, for the attribute `core` of `wasm_component`: a `go_binary` of rules_go for WebAssembly.

    The module is a library: `main` is not called. Its component needs an `adapter`. With
    `@rules_wasm_fuse//rules/adapters:stateless`, it imports nothing of WASI. With `@wasi//adapters:reactor`, Go's runtime reads the
    clock of the host, also when memory for a string or list from outside is allocated; there, the component model forbids calls of
    the host, and the component traps. So this adapter is only for worlds in which no strings and lists come in.

    Args:
      name: name of the target, a `go_binary`.
      gc_linkopts: further options of the linker.
      **kwargs: further attributes of `go_binary`, such as `embed`, `srcs` and `deps`. `goos`, `goarch`, `linkmode`, `out` and `pure`
        are set.
    """
    go_binary(
        name = name,
        # Bindings allocate before Go's runtime has started, by a function of it that is not for others.
        gc_linkopts = ["-checklinkname=0"] + gc_linkopts,
        goarch = "wasm",
        goos = "wasip1",
        linkmode = "c-shared",
        out = name + ".wasm",
        pure = "on",
        **kwargs
    )
