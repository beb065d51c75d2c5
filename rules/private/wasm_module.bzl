"""wasm_module_file, wasm_module_js_library and wasm_module_cc_library, which give a core module to other languages."""

load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain", "use_cc_toolchain")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "WasmModuleInfo")
load(":common.bzl", "single_wasm")

_MODULE_ATTRS = {
    "module": attr.label(
        doc = "The core module: a wasm_component_fuse with `emit = \"module\"`, or a target with exactly one .wasm file.",
        allow_files = [".wasm"],
        mandatory = True,
    ),
}

def _place(ctx, out):
    """Declares the action that puts the module at `out`, a File."""
    ctx.actions.symlink(output = out, target_file = single_wasm(ctx, "module", ctx.attr.module, ["module"]))

_FILE_DOC = """Puts a core module into the package under a name that source files can rely on.

```starlark
wasm_module_file(
    name = "app_wasm",
    module = "//app:module",
    out = "app.wasm",
)

go_library(
    name = "server",
    srcs = ["server.go"],  # has //go:embed app.wasm
    embedsrcs = [":app.wasm"],
    importpath = "example.com/server",
)
```
"""

def _wasm_module_file_impl(ctx):
    out = ctx.outputs.out
    _place(ctx, out)
    info = ctx.attr.module[WasmModuleInfo] if WasmModuleInfo in ctx.attr.module else None
    return [
        DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out])),
    ] + ([WasmModuleInfo(module = out, abi = info.abi, memory = info.memory, wasi = info.wasi)] if info else [])

wasm_module_file = rule(
    implementation = _wasm_module_file_impl,
    doc = _FILE_DOC,
    attrs = _MODULE_ATTRS | {
        "out": attr.output(
            doc = "Name of the file, ending in `.wasm`.",
            mandatory = True,
        ),
    },
)

_JS_DOC = """Makes an ECMAScript module that says where a core module's file is.

```starlark
wasm_module_js_library(
    name = "app",
    module = "//app:module",
)
```

The outputs are app.mjs, app.wasm, and app.d.mts for TypeScript. app.mjs exports `url`, in the form that bundlers know, so
that they take app.wasm along:

```js
import { url } from "./app.mjs";

const module = await WebAssembly.compileStreaming(fetch(url)); // in a browser
const module = await WebAssembly.compile(await fs.promises.readFile(url)); // in Node
```

Rules for JavaScript take the target as a source or as data.
"""

_JS = """// Where {wasm} is.
export const url = new URL("./{wasm}", import.meta.url);
"""

_DTS = """/** Where {wasm} is. */
export declare const url: URL;
"""

def _wasm_module_js_library_impl(ctx):
    wasm = ctx.actions.declare_file(ctx.label.name + ".wasm")
    _place(ctx, wasm)
    files = [wasm]
    for suffix, text in {".mjs": _JS, ".d.mts": _DTS}.items():
        file = ctx.actions.declare_file(ctx.label.name + suffix)
        ctx.actions.write(file, text.format(wasm = wasm.basename))
        files.append(file)
    return [DefaultInfo(files = depset(files), runfiles = ctx.runfiles(files))]

wasm_module_js_library = rule(
    implementation = _wasm_module_js_library_impl,
    doc = _JS_DOC,
    attrs = _MODULE_ATTRS,
)

_CC_DOC = """Makes a C library that contains a core module's bytes, for `deps` of C and C++ rules.

```starlark
wasm_module_cc_library(
    name = "app_wasm",
    module = "//app:module",
)
```

The header PACKAGE/app_wasm.h declares

```c
extern const unsigned char app_wasm[];
extern const size_t app_wasm_size;
```

The library is assembled by a compiler that knows GNU syntax, such as GCC or Clang.
"""

_HEADER = """#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {{
#endif

extern const unsigned char {symbol}[];
extern const size_t {symbol}_size;

#ifdef __cplusplus
}}
#endif
"""

# The file is found in an include path.
_ASSEMBLY = """#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define SYMBOL(name) JOIN(__USER_LABEL_PREFIX__, name)

#if defined(__APPLE__)
  .section __TEXT,__const
#elif defined(_WIN32)
  .section .rdata,"dr"
#else
  .section .rodata
#endif

  .globl SYMBOL({symbol})
  .balign 16
SYMBOL({symbol}):
  .incbin "{file}"
1:
  .globl SYMBOL({symbol}_size)
  .balign 8
SYMBOL({symbol}_size):
#if __SIZEOF_SIZE_T__ == 8
  .quad 1b - SYMBOL({symbol})
#else
  .long 1b - SYMBOL({symbol})
#endif

#if defined(__ELF__)
  .type SYMBOL({symbol}), %object
  .size SYMBOL({symbol}), 1b - SYMBOL({symbol})
  .type SYMBOL({symbol}_size), %object
  .size SYMBOL({symbol}_size), __SIZEOF_SIZE_T__
  .section .note.GNU-stack,"",%progbits
#endif
"""

def _symbol(ctx):
    symbol = ctx.attr.symbol or "".join([c if c.isalnum() else "_" for c in ctx.label.name.elems()])
    if not symbol or symbol[0].isdigit() or [c for c in symbol.elems() if not c.isalnum() and c != "_"]:
        fail("{}: symbol: {} is not an identifier of C; set another".format(ctx.label, repr(symbol)))
    return symbol

def _wasm_module_cc_library_impl(ctx):
    symbol = _symbol(ctx)
    wasm = ctx.actions.declare_file(ctx.label.name + ".wasm")
    _place(ctx, wasm)
    header = ctx.actions.declare_file(ctx.label.name + ".h")
    ctx.actions.write(header, _HEADER.format(symbol = symbol))
    assembly = ctx.actions.declare_file(ctx.label.name + ".S")
    ctx.actions.write(assembly, _ASSEMBLY.format(symbol = symbol, file = wasm.basename))

    toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    common = {"actions": ctx.actions, "cc_toolchain": toolchain, "feature_configuration": features, "name": ctx.label.name}
    public, _ = cc_common.compile(public_hdrs = [header], **common)

    # The include path of the assembly is not passed on.
    _, objects = cc_common.compile(
        srcs = [assembly],
        includes = [wasm.dirname],
        additional_inputs = [wasm],
        **common
    )
    linking, outputs = cc_common.create_linking_context_from_compilation_outputs(
        compilation_outputs = objects,
        disallow_dynamic_library = True,
        **common
    )
    library = outputs.library_to_link
    archive = library.pic_static_library or library.static_library
    return [
        DefaultInfo(files = depset([header, archive])),
        CcInfo(compilation_context = public, linking_context = linking),
    ]

wasm_module_cc_library = rule(
    implementation = _wasm_module_cc_library_impl,
    doc = _CC_DOC,
    attrs = _MODULE_ATTRS | {
        "symbol": attr.string(
            doc = "Name of the array. If empty, that of the target, with `_` for all but letters and digits.",
        ),
    },
    fragments = ["cpp"],
    provides = [CcInfo],
    toolchains = use_cc_toolchain(mandatory = True),
)
