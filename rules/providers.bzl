"""Providers that targets of these rules carry, and take from others."""

WitInfo = provider(
    doc = "A WIT package and the packages it stands on.",
    fields = {
        "srcs": "depset of File: the package's own .wit files, or the one .wasm file that holds it.",
        "files": "depset of struct(folder = string, file = File): the files of the package and of all packages " +
                 "below it; those of one package share a folder, a name no other package has.",
        "folder": "string: the package's own folder in `files`.",
        "package": "string: the package's name, `namespace:name@version`, as the target says it; empty if it does not.",
    },
)

WasmComponentInfo = provider(
    doc = "A WebAssembly component.",
    fields = {
        "component": "File: the component in its binary format.",
        "supplies": "depset of struct(importer = File, provider = File): which component was said to supply imports " +
                    "of which, for this one and all below it; empty where nobody said.",
    },
)

WasmFuseToolchainInfo = provider(
    doc = "The tool that fuses and composes components.",
    fields = {
        "wasmfuse": "FilesToRunProvider: the program wasmfuse, for the execution platform.",
    },
)

WasmRunToolchainInfo = provider(
    doc = "The tool that runs components.",
    fields = {
        "wasmrun": "FilesToRunProvider: the program wasmrun, for the target platform.",
        "runfiles": "runfiles: what wasmrun needs when it runs.",
    },
)
