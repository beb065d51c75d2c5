"""Graphs of components: the attributes of the rules that link them, and the action that does."""

load("//rules:providers.bzl", "WasmComponentInfo", "WitInfo")
load(":actions.bzl", "wasmfuse_action")
load(":common.bzl", "label_text", "setting", "setting_attrs", "single_wasm", "tool_args")

# The attribute `imports` of a graph that is open.
_ANYTHING = ["*"]

# The files of what a graph links: components, and beside a document the WIT packages of wit_library targets.
_PACKAGES = [".wasm", ".wit"]

def graph_attrs():
    """Returns the attributes of the rules that link a root component with its dependencies."""
    return {
        "root": attr.label(
            doc = "The component whose exports become the output's. Any target with exactly one .wasm file. Required without " +
                  "`wac`.",
            allow_files = [".wasm"],
        ),
        "wac": attr.label(
            doc = "A WAC document that says which components are instantiated, with which arguments, and what is exported, in " +
                  "place of `root`, of matching by name and of `plugs`. `deps` are then the packages that it can name: components, " +
                  "wit_library targets, and WIT packages in binary form. `names` maps them to names as `ns:name` or `ns:name@1.0.0`; without one, " +
                  "`ns:name` is the file `name.wasm`. Their own `deps` are not linked.",
            allow_single_file = [".wac"],
        ),
        "deps": attr.label_list(
            doc = "Components whose exports satisfy imports of the root or of each other, by interface name. " +
                  "Components that others name in their own `deps` are linked too and need not be listed here; for the " +
                  "components that name them, they take precedence over those listed here. Unsatisfied imports remain " +
                  "imports of the output.",
            allow_files = _PACKAGES,
        ),
        "plugs": attr.string_list(
            doc = "Explicit wirings, which take precedence over matching by name: `IMPORTER:IMPORT=PROVIDER[:EXPORT]`. " +
                  "IMPORTER and PROVIDER are the components' names from `names`, or else the base names of their files " +
                  "without `.wasm`. EXPORT defaults to the name of IMPORT.",
        ),
        "names": attr.label_keyed_string_dict(
            doc = "Names of components, used in `plugs`, in messages and inside the output. Maps the root or a dependency " +
                  "to a name of letters, digits, `_` and `-`. Required where `plugs` refers to components whose files " +
                  "have the same base name. A dependency with several names, separated by spaces, is instantiated once for " +
                  "each; `plugs` says which instance supplies which import.",
            allow_files = _PACKAGES,
        ),
        "imports": attr.string_list(
            doc = "What the output may import from the host, all else being an error that names the importing component: " +
                  "`ns:pkg`, all interfaces of a package; `ns:pkg/iface`; or a plain name. `*` stands for any characters " +
                  "but `/`, and a version or a compatibility track may follow, as in `wasi:*@0.2`. Interfaces with value " +
                  "types only are always allowed. The default allows everything, `[]` nothing.",
            default = _ANYTHING,
        ),
    } | setting_attrs(
        "trust_code",
        "Do not validate the function bodies of the components, because they are trusted. Everything else is always validated.",
    )

def _stem(file):
    return file.basename.removesuffix(".wasm")

def _graph_names(ctx, files):
    """Returns the given names, File -> list of string, and how many components each plug name refers to."""
    given = {}
    for target, text in ctx.attr.names.items():
        file = single_wasm(ctx, "names", target)
        if file not in files:
            fail("{}: names: {} is neither the root nor in the deps of this target or of its components; add it to deps, or remove its name".format(ctx.label, target.label))
        given[file] = [n for n in text.split(" ") if n]
        if not given[file] or [c for c in text.elems() if not c.isalnum() and c not in "_- "]:
            fail("{}: names: {} is called {}; a name consists of letters, digits, _ and -".format(ctx.label, target.label, repr(text)))
    taken = {}
    for file in files:
        for name in given.get(file, [_stem(file)]):
            taken[name] = taken.get(name, 0) + 1
    for names in given.values():
        for name in names:
            if taken[name] > 1:
                fail("{}: names: two components are called {}; rename one of them".format(ctx.label, repr(name)))
    return given, taken

def _check_plugs(ctx, taken):
    for plug in ctx.attr.plugs:
        left, eq, right = plug.partition("=")
        importer, colon, imported = left.partition(":")
        provider = right.partition(":")[0]
        if not (eq and colon and importer and imported and provider):
            fail("{}: plugs: {} is not IMPORTER:IMPORT=PROVIDER[:EXPORT]".format(ctx.label, repr(plug)))
        for name in [importer, provider]:
            if name not in taken:
                fail("{}: plugs: {}: no component is called {}; there are {}".format(
                    ctx.label,
                    repr(plug),
                    repr(name),
                    ", ".join(sorted(taken)),
                ))
            if taken[name] > 1:
                fail("{}: plugs: {}: {} components are called {}; tell them apart with names".format(
                    ctx.label,
                    repr(plug),
                    taken[name],
                    repr(name),
                ))

def link_graph(ctx):
    """Reads and checks the attributes of graph_attrs().

    Args:
      ctx: the rule's context.

    Returns:
      struct(root = File, deps = list of File, supplies = list of struct(importer, provider), each a File or, of a
      component with several names, one of these, private = list of File: the providers in supplies that are not in deps,
      names = dict from File to a list of given names, wac = File of the document, of which deps are the packages, or None;
      root is None with a document).
    """
    if ctx.attr.wac:
        return _document_graph(ctx)
    if not ctx.attr.root:
        fail("{}: root: there is none; set the component whose exports become the output's, or wac, a document that says what is exported".format(ctx.label))
    root = single_wasm(ctx, "root", ctx.attr.root)
    deps = [single_wasm(ctx, "deps", d) for d in ctx.attr.deps]
    seen = {root: ctx.attr.root.label}
    for file, target in zip(deps, ctx.attr.deps):
        if file in seen:
            fail("{}: deps: {} is the same component as {}; list it once, since a dependency serves all its importers".format(
                ctx.label,
                target.label,
                seen[file],
            ))
        seen[file] = target.label
    all_supplies = depset(transitive = [
        t[WasmComponentInfo].supplies
        for t in [ctx.attr.root] + ctx.attr.deps
        if WasmComponentInfo in t
    ], order = "preorder").to_list()
    private = {s.provider: None for s in all_supplies if s.provider not in seen}.keys()
    names, taken = _graph_names(ctx, [root] + deps + private)
    _check_plugs(ctx, taken)
    supplies = [
        struct(importer = importer, provider = provider)
        for edge in all_supplies
        for importer in _instances(edge.importer, names)
        for provider in _instances(edge.provider, names)
    ]
    return struct(root = root, deps = deps, supplies = supplies, private = private, names = names, wac = None)

def _package(ctx, attr, target):
    """Returns the file of a package that a document can name: of a WIT package its binary form, else of a component."""
    return target[WitInfo].binary if WitInfo in target else single_wasm(ctx, attr, target)

def _document_graph(ctx):
    """Returns the result of link_graph() for a target with a WAC document."""
    for attr, cure in {"root": "list the component in deps, and export it in the document", "plugs": "write them as arguments in the document"}.items():
        if getattr(ctx.attr, attr):
            fail("{}: {}: wac = {} says how components are linked and what is exported; {}".format(ctx.label, attr, ctx.attr.wac.label, cure))
    deps = [_package(ctx, "deps", d) for d in ctx.attr.deps]
    names, taken = {}, {}
    for target, text in ctx.attr.names.items():
        file = _package(ctx, "names", target)
        if file not in deps:
            fail("{}: names: {} is not in deps; add it, or remove its name".format(ctx.label, target.label))
        names[file] = [n for n in text.split(" ") if n]
        for name in names[file]:
            if ":" not in name or [c for c in name.elems() if not c.isalnum() and c not in ":-@.+"]:
                fail("{}: names: {} is called {}; with wac, a name is as ns:name or ns:name@1.0.0".format(ctx.label, target.label, repr(name)))
            if name in taken:
                fail("{}: names: two packages are called {}; rename one of them".format(ctx.label, repr(name)))
            taken[name] = True
    return struct(root = None, deps = deps, supplies = [], private = [], names = names, wac = ctx.file.wac)

def _instances(file, names):
    """Returns what wirings name a component by: the names of its instances if there are several, or else the File."""
    return names[file] if len(names.get(file, [])) > 1 else [file]

def _supply(edge):
    return "=".join([c if type(c) == "string" else c.path for c in [edge.importer, edge.provider]])

def imports_flags(ctx):
    """Returns the flags of wasmfuse for the attribute `imports` of graph_attrs()."""
    if ctx.attr.imports == _ANYTHING:
        return []
    return ["--imports=" + pattern for pattern in ctx.attr.imports or [""]]

def link_action(ctx, command, graph, out, mnemonic, verb, flags = [], reports = [], sbom = None):
    """Declares the action that runs `wasmfuse COMMAND` over a graph.

    Args:
      ctx: the rule's context; the rule's exec_groups are LINK_EXEC_GROUPS.
      command: wasmfuse's subcommand.
      graph: the result of link_graph().
      out: the File to write, or None if the command has no output but reports.
      mnemonic: mnemonic of the action.
      verb: first word of the progress message.
      flags: further flags, without paths.
      reports: the Files to write a report to, each in the form of its extension.
      sbom: the File to write a bill of materials to, or None.
    """
    args = tool_args(ctx)
    files = ([graph.root] if graph.root else []) + graph.deps
    args.add(command)
    args.add_all(files)
    if graph.wac:
        args.add("--wac", graph.wac)
    if out:
        args.add("-o", out)
    for file, names in graph.names.items():
        for name in names:
            args.add("--name", file, format = name + "=%s")
    args.add_all(graph.supplies, before_each = "--supply", map_each = _supply)
    args.add_all(ctx.attr.plugs, before_each = "--plug")
    if setting(ctx, "trust_code"):
        args.add("--trust-code")
    args.add_all(flags)
    args.add_all(reports, before_each = "--report")
    if sbom:
        args.add("--sbom", sbom)

    # Messages name targets, because authors of BUILD files know those rather than paths of outputs.
    files += graph.private
    for file in files:
        args.add("--label", file, format = label_text(file.owner).replace("%", "%%") + "=%s")
    wasmfuse_action(
        ctx,
        args,
        inputs = files + ([graph.wac] if graph.wac else []),
        outputs = ([out] if out else []) + reports + ([sbom] if sbom else []),
        mnemonic = mnemonic,
        message = verb + " %{label}",
    )
