"""wasm_fuse_test and wasm_component_run, which run components in an engine."""

load("//rules:providers.bzl", "WasmModuleInfo", "WasmPrecompiledInfo", "WasmRunToolchainInfo")
load(":common.bzl", "label_text", "single_wasm")

_DEFAULT = Label("//rules:default_engine")

# The forms of what runs, and the extensions of its files.
_RUNNABLE = ["component", "module", "precompiled"]
_RUNNABLE_FILES = [".wasm", ".cwasm"]

_ENGINE_ATTRS = {
    "engine": attr.label(
        doc = "The program that runs it. The default is that of the toolchain, which is wasmtime 42 where that is available, " +
              "and otherwise `@rules_wasm_fuse//rules:wazero`; or the latter if `component` is a core module. " +
              "`@rules_wasm_fuse//rules:wazero` is written in Go and runs on Linux, macOS and Windows; it fuses what " +
              "it runs, and has no asynchronous functions. `@rules_wasm_fuse//rules:wasmtime50` has them. It is downloaded " +
              "from the registry of Python packages with python3 and pip, and runs on Linux on x86-64. On platforms where the " +
              "engine does not run, the target is incompatible, so `bazel test //...` skips it.",
        default = _DEFAULT,
        executable = True,
        cfg = "target",
    ),
    "_module_engine": attr.label(
        default = "//rules/private:module_engine",
    ),
}

def _engine(ctx):
    """Returns an engine's program and its runfiles."""
    if ctx.attr.engine.label == _DEFAULT and WasmModuleInfo in ctx.attr.component:
        run = ctx.attr._module_engine[WasmRunToolchainInfo]
        return run.wasmrun.executable, run.runfiles
    return ctx.attr.engine[DefaultInfo].files_to_run.executable, ctx.attr.engine[DefaultInfo].default_runfiles

# What a component has of its host, of both rules.
_WASI_ATTRS = {
    "component_args": attr.string_list(
        doc = "Arguments of the component, after its name. `$(rootpath LABEL)` stands for the path of a file of `data`.",
    ),
    "component_env": attr.string_dict(
        doc = "Environment variables of the component. It has no others. `$(rootpath LABEL)` stands for the path of a file of `data`.",
    ),
    "data": attr.label_list(
        doc = "Files and folders that the component can read, below `/` by their paths in the repository: `//app:in.txt` is " +
              "`app/in.txt` and `/app/in.txt`. Those of another repository are below `external/` and its canonical name. They are " +
              "copied when the program starts.",
        allow_files = True,
    ),
    "data_dirs": attr.string_dict(
        doc = "Where `data` is, if not below `/`: maps the component's name of a folder to a folder in the repository, as in " +
              "`{\"/etc/app\": \"app/testdata\"}`.",
        default = {"/": "."},
    ),
    "stdin": attr.label(
        doc = "A file that is the standard input of the component. Without it, a test has an empty one, and a program that of its process.",
        allow_single_file = True,
    ),
}

def _runfile(ctx, file):
    """Returns the path of a File among the runfiles, which begins with its repository."""
    path = file.short_path
    return path.removeprefix("../") if path.startswith("../") else ctx.workspace_name + "/" + path

def _data_path(path):
    """Returns the path by which a component has a file of `data`, of which `path` is the short path."""
    return "external/" + path.removeprefix("../") if path.startswith("../") else path

# What Bazel replaces in other attributes, by paths that a component does not have.
_OTHER_PATHS = ["execpath", "execpaths", "location", "locations", "rlocationpath", "rlocationpaths"]

def _expand(ctx, attr, text):
    """Replaces each $(rootpath LABEL) and $(rootpaths LABEL) of a text in an attribute by the component's paths."""
    parts = text.split("$(")
    out = parts[0]
    for part in parts[1:]:
        inner, end, rest = part.partition(")")
        function = inner.partition(" ")[0]
        if function in _OTHER_PATHS:
            fail("{}: {}: $({}) is a path that the component does not have; write $(rootpath LABEL)".format(ctx.label, attr, inner))
        if function not in ["rootpath", "rootpaths"]:
            out += "$(" + part
            continue
        if not end:
            fail("{}: {}: {} lacks a closing bracket; add it".format(ctx.label, attr, repr("$(" + part)))
        paths = ctx.expand_location("$(" + inner + ")", ctx.attr.data)
        out += " ".join([_data_path(p) for p in paths.split(" ")]) + rest
    return out

def _data_dirs(ctx, paths):
    """Returns the attribute data_dirs with clean folders, and fails for those without any of the data's paths."""
    dirs = {}
    for name, folder in ctx.attr.data_dirs.items():
        if not name:
            fail("{}: data_dirs: the name of {} is empty; give the folder a name that the component knows, such as \"/\"".format(ctx.label, repr(folder)))
        clean = "/".join([p for p in folder.split("/") if p not in ["", "."]])

        # Of a folder among the data, only building it shows what is in it.
        if folder.startswith("/") or not [p for p in paths if not clean or (p + "/").startswith(clean + "/") or clean.startswith(p + "/")]:
            fail("{}: data_dirs: {} is the folder {}, and none of data is there; name a folder with files of data{}".format(
                ctx.label,
                repr(name),
                repr(folder),
                ": " + ", ".join(sorted({repr(p.rpartition("/")[0] or "."): None for p in paths}.keys())[:_SHOWN]) if paths else ", and add them to data",
            ))
        dirs[name] = clean
    return dirs

# Limits lists in messages.
_SHOWN = 5

def _preopens(ctx, data_dirs):
    """Returns the attributes preopens and writable, for a target whose data is in some folders."""
    for name, folder in ctx.attr.preopens.items():
        if not name or not folder:
            fail("{}: preopens: {} is the folder {}; both need a name, as in {{\"/work\": \".\"}}".format(ctx.label, repr(name), repr(folder)))
        if name in data_dirs:
            fail("{}: preopens: {} is the folder {}, and data is there too; give one of them another name, data by data_dirs".format(
                ctx.label,
                repr(name),
                repr(folder),
            ))
    for name in ctx.attr.writable:
        if name not in ctx.attr.preopens:
            fail("{}: writable: {} is not a name in preopens, {}; data cannot be writable".format(
                ctx.label,
                repr(name),
                "where there are " + ", ".join([repr(n) for n in ctx.attr.preopens]) if ctx.attr.preopens else "which is empty",
            ))
    return {"preopens": ctx.attr.preopens, "writable": ctx.attr.writable}

def _wasmrun(ctx, component, test = None, files = [], server = None):
    """Returns the providers of a target that runs a component.

    Args:
      ctx: the rule's context.
      component: File of the component.
      test: what a test does, for tools/internal/wasmrun, or None for a command.
      files: further runfiles.
      server: a target whose executable the test starts, or None.
    """
    data = depset(transitive = [d[DefaultInfo].files for d in ctx.attr.data] + [
        d[DefaultInfo].default_runfiles.files
        for d in ctx.attr.data
    ]).to_list()
    paths = [_data_path(f.short_path) for f in data]
    data_dirs = _data_dirs(ctx, paths) if data or ctx.attr.data_dirs != {"/": "."} else {}
    executable, runfiles = _engine(ctx)

    # Windows knows programs by their extension.
    program = ctx.actions.declare_file(ctx.label.name + (".exe" if executable.extension == "exe" else ""))
    ctx.actions.symlink(output = program, target_file = executable, is_executable = True)

    # The program finds it by its own name. So no launcher is needed, and the machine needs no shell.
    spec = ctx.actions.declare_file(program.basename.removesuffix(".exe") + ".wasmrun.json", sibling = program)
    ctx.actions.write(spec, json.encode({
        "component": _runfile(ctx, component),
        "label": label_text(ctx.label),
        "precompiled": WasmPrecompiledInfo in ctx.attr.component,
        "test": test,
        "wasi": {
            "args": [_expand(ctx, "component_args", a) for a in ctx.attr.component_args],
            "data": {p: _runfile(ctx, f) for p, f in zip(paths, data)},
            "data_dirs": data_dirs,
            "env": {k: _expand(ctx, "component_env", v) for k, v in ctx.attr.component_env.items()},
            "stdin": _runfile(ctx, ctx.file.stdin) if ctx.file.stdin else "",
        } | (_preopens(ctx, data_dirs) if not test else {}),
    }))

    # The program finds shared libraries by its own place, which is another where the link above has become a copy.
    libraries = {f.short_path.rpartition("/")[0]: True for f in runfiles.files.to_list() if f.extension == "so"}
    return [
        DefaultInfo(
            executable = program,
            # Actions whose tool the program is have these files.
            files = depset([program, spec]),
            runfiles = ctx.runfiles(
                files = [component, spec] + data + files + ([ctx.file.stdin] if ctx.file.stdin else []),
            ).merge_all([runfiles] + ([
                ctx.runfiles([server[DefaultInfo].files_to_run.executable]),
                server[DefaultInfo].default_runfiles,
            ] if server else [])),
        ),
    ] + ([RunEnvironmentInfo(environment = {"LD_LIBRARY_PATH": ":".join(libraries.keys())})] if libraries else [])

_TEST_DOC = """Runs a component in an engine and compares its behaviour with expectations and with its un-fused composition.

```starlark
wasm_fuse_test(
    name = "app_test",
    component = ":app",
    calls = ["demo:app/main@1.0.0#greet(\\"you\\", 2)"],
    expected = ["\\"hello, you!!\\""],
)
```

The test makes the given `calls`, or, if there are none, runs the component as a WASI 0.2 command. Values are written in
WAVE, the component model's text format for values.

`bazel test --test_filter=TEXT`, or `--test_arg=TEXT` several times, makes only the calls that contain a text.

An HTTP handler is tested with `requests`, which wasmtime's own program serves. No engine of these rules has `wasi:http`:

```starlark
wasm_fuse_test(
    name = "server_test",
    component = ":server",
    expected = ["200 hello"],
    requests = ["GET /"],
    server = "@wasmtime//:wasmtime",
)
```

The component may also be a core module, the output of a wasm_component_fuse with `emit = "module"`.

Tests have the tag `wasm-engine`: `bazel build --build_tag_filters=-wasm-engine //...` builds without them, and so without their
engines.
"""

def _composed(ctx):
    if not ctx.attr.compare:
        if ctx.attr.composed:
            fail("{}: composed = {}: compare is False, so nothing is compared with it; remove one of them".format(ctx.label, ctx.attr.composed.label))
        return None
    if ctx.attr.composed:
        return single_wasm(ctx, "composed", ctx.attr.composed)
    groups = ctx.attr.component[OutputGroupInfo] if OutputGroupInfo in ctx.attr.component else None
    if not groups or not hasattr(groups, "composed"):
        fail("{}: component = {}: there is no composition to compare with; set composed, or compare = False".format(
            ctx.label,
            ctx.attr.component.label,
        ))
    return groups.composed.to_list()[0]

# What has no meaning for a test with requests.
_NOT_OF_SERVERS = ["calls", "component_args", "data", "expected_status", "expected_stdout", "host", "stdin"]

def _check_requests(ctx):
    if not ctx.attr.requests:
        if ctx.attr.server:
            fail("{}: server = {}: there are no requests for it; set requests, or remove server".format(ctx.label, ctx.attr.server.label))
        return
    if not ctx.attr.server:
        fail("{}: requests: no server makes the answers; set server to wasmtime's own program, whose command serve does".format(ctx.label))
    for attr in _NOT_OF_SERVERS:
        if getattr(ctx.attr, attr):
            fail("{}: {} has no meaning for a server, and requests are set; remove one of them".format(ctx.label, attr))
    for request in ctx.attr.requests:
        method, _, rest = request.partition(" ")
        if not method or not rest.startswith("/"):
            fail("{}: requests: {} is not a method, a path and possibly a body, as in \"GET /\" or \"POST /names Ann\"".format(ctx.label, repr(request)))

def _wasm_fuse_test_impl(ctx):
    _check_requests(ctx)
    made, what = (ctx.attr.requests, "request") if ctx.attr.requests else (ctx.attr.calls, "call")
    if ctx.attr.expected and len(ctx.attr.expected) != len(made):
        fail("{}: expected has {} results, and {}s has {}; write one result for each {}{}".format(
            ctx.label,
            len(ctx.attr.expected),
            what,
            len(made),
            what,
            ": status and body" if ctx.attr.requests else ", \"\" for a function without one",
        ))
    if ctx.attr.calls and ctx.attr.expected_status:
        fail("{}: expected_status = {} is about a command, and calls are set; remove one of them".format(ctx.label, ctx.attr.expected_status))
    component = single_wasm(ctx, "component", ctx.attr.component, _RUNNABLE)
    composed = _composed(ctx)
    return _wasmrun(ctx, component, {
        "calls": ctx.attr.calls or None,
        "composed": _runfile(ctx, composed) if composed else "",
        "expected": ctx.attr.expected or None,
        "expected_status": ctx.attr.expected_status,
        "expected_stdout": _runfile(ctx, ctx.file.expected_stdout) if ctx.file.expected_stdout else "",
        "host": ctx.attr.host,
        "requests": ctx.attr.requests or None,
        "server": _runfile(ctx, ctx.executable.server) if ctx.attr.server else "",
    }, [f for f in [composed, ctx.file.expected_stdout] if f], ctx.attr.server)

wasm_fuse_test = rule(
    implementation = _wasm_fuse_test_impl,
    doc = _TEST_DOC,
    test = True,
    attrs = {
        "component": attr.label(
            doc = "The component or core module under test, usually a wasm_component_fuse. Any target with exactly one .wasm file, " +
                  "or a wasm_precompile.",
            allow_files = _RUNNABLE_FILES,
            mandatory = True,
        ),
        "compare": attr.bool(
            doc = "Also run the un-fused composition, and compare results, traps, output and exit status.",
            default = True,
        ),
        "composed": attr.label(
            doc = "The composition to compare with. Defaults to the output group `composed` of `component`.",
            allow_files = [".wasm"],
        ),
        "calls": attr.string_list(
            doc = "Calls of exports, made in this order in one instance: `ns:pkg/iface@1.0.0#func(1, \"a\")`, or " +
                  "`func(1, \"a\")` for a function that the world exports directly.",
        ),
        "expected": attr.string_list(
            doc = "The expected result of each call: a value, the empty string for a function without a result, `trap`, " +
                  "or `not run` for calls after a trap. Or of each request: the status and the body, as in `200 hello`.",
        ),
        "requests": attr.string_list(
            doc = "HTTP requests, made in this order of a server of the component: `GET /`, `POST /names Ann`: a method, a path, and " +
                  "the body. The component exports `wasi:http/incoming-handler`. Statuses, headers and bodies are compared.",
        ),
        "server": attr.label(
            doc = "With `requests`: wasmtime's own program, whose command `serve` runs the component. It is given `component_env`.",
            allow_files = True,
            executable = True,
            cfg = "target",
        ),
        "host": attr.string_dict(
            doc = "Functions that the host provides in addition to WASI: maps `ns:pkg/iface@1.0.0#func` to the result " +
                  "it always returns, or to the empty string. Calls of them are compared too. Other imports trap.",
        ),
        "expected_stdout": attr.label(
            doc = "The exact expected standard output.",
            allow_single_file = True,
        ),
        "expected_status": attr.int(
            doc = "The expected exit status of a command.",
        ),
    } | _WASI_ATTRS | _ENGINE_ATTRS,
)

def wasm_fuse_test_macro(name, size = "small", tags = [], **kwargs):
    """Declares a wasm_fuse_test with the size of most of them, and a tag by which builds can leave it out.

    Args:
      name: of the test.
      size: of the test; see Bazel's common attributes of tests.
      tags: further tags.
      **kwargs: further attributes.
    """
    wasm_fuse_test(name = name, size = size, tags = tags + ["wasm-engine"], **kwargs)

_RUN_DOC = """Makes a program of a WASI 0.2 command, a component or a core module made of one.

```starlark
wasm_component_run(
    name = "convert",
    component = ":app",
    component_args = ["--table=$(rootpath table.txt)"],
    data = ["table.txt"],
    preopens = {"/work": "."},
    writable = ["/work"],
)
```

`bazel run //app:convert -- ARG...` runs it, and so does `bazel-bin/app/convert ARG...`. The program can be a tool of a genrule
and the executable of an action, and needs nothing of their environment. It has the standard streams of its process, and the
component's exit status.

The component can read `data`, and has the folders that `preopens` names. Where the program is a tool, the working directory
is that of the action. Its inputs may be links that lead out of it, which wasmtime does not follow, but wazero does: give it
files by standard input, or set `engine = "@rules_wasm_fuse//rules:wazero"`.
"""

def _wasm_component_run_impl(ctx):
    return _wasmrun(ctx, single_wasm(ctx, "component", ctx.attr.component, _RUNNABLE))

wasm_component_run = rule(
    implementation = _wasm_component_run_impl,
    doc = _RUN_DOC,
    executable = True,
    attrs = {
        "component": attr.label(
            doc = "The component, or a core module with `wasi = \"preview1\"`. Any target with exactly one .wasm file, or a " +
                  "wasm_precompile of one of these.",
            allow_files = _RUNNABLE_FILES,
            mandatory = True,
        ),
        "preopens": attr.string_dict(
            doc = "Folders of the machine that the component has when it starts: maps its name of a folder to the folder, which is " +
                  "relative to the working directory, or with `bazel run` to the folder in which that was called.",
        ),
        "writable": attr.string_list(
            doc = "The names in `preopens` of folders that the component may change. It can only read the others.",
        ),
    } | _WASI_ATTRS | _ENGINE_ATTRS,
)
