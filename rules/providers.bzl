"""Providers that these rules return and accept."""

WitInfo = provider(
    doc = "A WIT package and the packages it depends on.",
    fields = {
        "srcs": "depset of File: the package's own .wit files, or the one .wasm file that contains it.",
        "files": "depset of struct(folder = string, file = File): the files of the package and of its transitive " +
                 "dependencies. Files of one package share a folder, whose name is unique to the package.",
        "deps": "depset of struct(folder = string, file = File): those of `files` that belong to dependencies.",
        "inputs": "depset of File: the files of `files`.",
        "plain": "struct(srcs, files, deps, inputs): what the fields of these names have, with text files that have no comments, so that a " +
                 "change of comments does not change them. For actions whose output has no comments.",
        "folder": "string: the package's own folder in `files`.",
        "binary": "File: the package in binary form, with what it uses of others. Making it checks the package.",
        "package": "string: the package's name, `namespace:name@version`, if the target states it, else empty.",
    },
)

WasmComponentInfo = provider(
    doc = "A WebAssembly component.",
    fields = {
        "component": "File: the component in its binary format.",
        "components": "depset of File: this component and its transitive `deps`.",
        "interface": "File: what the component imports and exports, in JSON: an object with the lists `imports` and `exports` " +
                     "of items with `name`, `kind`, `type` and `items`. Making it validates the component.",
        "supplies": "depset of struct(importer = File, provider = File): for this component and its transitive `deps`, " +
                    "which component supplies imports of which. Empty if there are no `deps`.",
    },
)

WasmModuleInfo = provider(
    doc = "A core module made of components, for engines without support for components.",
    fields = {
        "module": "File: the module in its binary format.",
        "abi": "string: how its imports and exports are named, `wit` or `cm32p2`.",
        "memory": "string: how many memories it has, `single` or, possibly several, `multi`.",
        "wasi": "string: what it imports in place of WASI 0.2, `preview1`, or `host` if it imports WASI 0.2 as it is.",
    },
)

WasmPrecompiledInfo = provider(
    doc = "Machine code of a component or core module, for wasmtime.",
    fields = {
        "precompiled": "File: the machine code, as wasmtime stores it.",
        "target": "string: the triple of the machines that it is for.",
        "wasm": "File: the component or core module that it was made of.",
    },
)

WasmFuseToolchainInfo = provider(
    doc = "The tool that fuses and composes components.",
    fields = {
        "wasmfuse": "FilesToRunProvider: the program wasmfuse, for the execution platform.",
        "runfiles": "runfiles: what wasmfuse needs when it runs.",
    },
)

WasmComponentToolchainInfo = provider(
    doc = "The tool that makes components of core modules.",
    fields = {
        "componentize": "FilesToRunProvider: the program componentize, for the execution platform.",
    },
)

WitToolchainInfo = provider(
    doc = "The tool that checks WIT packages.",
    fields = {
        "witpackage": "FilesToRunProvider: the program witpackage, for the execution platform.",
    },
)

WasmOptToolchainInfo = provider(
    doc = "Binaryen's optimiser of core modules.",
    fields = {
        "data": "depset of Files: what the program reads.",
        "execution_requirements": "dict of text: requirements of the actions that run the program.",
        "wasm_opt": "FilesToRunProvider: the program wasm-opt, for the execution platform.",
    },
)

WasmRunToolchainInfo = provider(
    doc = "The tool that runs components.",
    fields = {
        "wasmrun": "FilesToRunProvider: the program wasmrun, for the target platform.",
        "runfiles": "runfiles: what wasmrun needs when it runs.",
    },
)
