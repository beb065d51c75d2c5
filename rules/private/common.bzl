"""What the rules share."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("//rules:providers.bzl", "WasmComponentInfo")

FUSE_TOOLCHAIN_TYPE = Label("//rules:fuse_toolchain_type")
RUN_TOOLCHAIN_TYPE = Label("//rules:run_toolchain_type")

# The actions take every path through Args, so that Bazel may rewrite output paths in them.
PATH_MAPPED = {"supports-path-mapping": "1"}

def single_wasm(ctx, attr, target):
    """The one .wasm file that a target stands for.

    Args:
      ctx: the rule's context, for the message.
      attr: name of the attribute that holds the target, for the message.
      target: a target with WasmComponentInfo, or with just one .wasm file among its default outputs.

    Returns:
      The File. Anything else than one is an error that names both targets.
    """
    if WasmComponentInfo in target:
        return target[WasmComponentInfo].component
    files = [f for f in target[DefaultInfo].files.to_list() if f.extension == "wasm"]
    if len(files) != 1:
        fail("{}: {} = {}: expected a target with just one .wasm file among its outputs, got {}; name the file itself, or wrap it in wasm_component_import".format(
            ctx.label,
            attr,
            target.label,
            "none" if not files else ", ".join([f.basename for f in files]),
        ))
    return files[0]

# `deps` of a component: it says who supplies what the component imports.
SUPPLIERS_ATTRS = {
    "deps": attr.label_list(
        doc = "Components whose exports meet imports of this one, by interface name, where it is linked with others. " +
              "Rules that link take them, and their own `deps`, along. The component itself is the same with and " +
              "without them.",
        allow_files = [".wasm"],
    ),
}

def supplies(ctx, file, more = []):
    """The supplies of a component, given the attribute `deps` of its rule.

    Args:
      ctx: the rule's context; its attributes have SUPPLIERS_ATTRS among them.
      file: File of the component.
      more: targets whose supplies are those of this component too.

    Returns:
      The depset of WasmComponentInfo.supplies.
    """
    direct = []
    for dep in ctx.attr.deps:
        provider = single_wasm(ctx, "deps", dep)
        if provider == file:
            fail("{}: deps: {} is the component itself; a component cannot supply its own imports".format(ctx.label, dep.label))
        direct.append(struct(importer = file, provider = provider))
    return depset(direct, transitive = [
        t[WasmComponentInfo].supplies
        for t in ctx.attr.deps + more
        if WasmComponentInfo in t
    ], order = "preorder")

def component_providers(file, supplies = None):
    """The providers of a target that is one component.

    Args:
      file: File of the component.
      supplies: what supplies() gives; None for a component that is linked already.

    Returns:
      A list of providers.
    """
    return [
        DefaultInfo(files = depset([file])),
        WasmComponentInfo(component = file, supplies = supplies or depset(order = "preorder")),
    ]

# The group of the actions that link, with whose name `exec_properties` speaks of them: `{"fuse.mem": "8g"}`.
LINK_EXEC_GROUP = "fuse"
LINK_EXEC_GROUPS = {LINK_EXEC_GROUP: exec_group(toolchains = [FUSE_TOOLCHAIN_TYPE])}

def setting_attrs(name, doc):
    """Attributes of a default that one flag sets for a whole build and that a target overrides.

    Args:
      name: of the attribute, and of the flag under //rules.
      doc: what it does when it is on.

    Returns:
      A dict of attributes; setting() reads them.
    """
    return {
        name: attr.string(
            doc = doc + " `on`, `off`, or `auto`: as the flag `@rules_wasm_fuse//rules:" + name + "` says.",
            default = "auto",
            values = ["auto", "off", "on"],
        ),
        "_" + name: attr.label(
            default = "//rules:" + name,
            providers = [BuildSettingInfo],
        ),
    }

def setting(ctx, name):
    """The value of what setting_attrs(name) declares.

    Args:
      ctx: the rule's context.
      name: of the attribute.

    Returns:
      True or False.
    """
    value = getattr(ctx.attr, name)
    if value == "auto":
        return getattr(ctx.attr, "_" + name)[BuildSettingInfo].value
    return value == "on"

def graph_attrs():
    """Attributes of the rules that link a root component with its dependencies."""
    return {
        "root": attr.label(
            doc = "The component whose exports the output has. Any target with just one .wasm file.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
        "deps": attr.label_list(
            doc = "Components whose exports meet imports, by interface name; of the root or of each other. Those that " +
                  "components name in `deps` of their own are linked too and need not be here: each serves the " +
                  "components that name it, before the ones here do. What no one meets stays an import of the output.",
            allow_files = [".wasm"],
        ),
        "plugs": attr.string_list(
            doc = "Wirings by hand, which go before those by name: `IMPORTER:IMPORT=PROVIDER[:EXPORT]`. IMPORTER and " +
                  "PROVIDER are components by what `names` calls them, else by the base name of their file without " +
                  "`.wasm`; an EXPORT that is not given has the name of IMPORT.",
        ),
        "names": attr.label_keyed_string_dict(
            doc = "Names of components, for `plugs`, for messages and for the names inside the output: root or a " +
                  "dependency, and a name of letters, digits, `_` and `-`. Needed where two of them that `plugs` speaks " +
                  "of have files with one base name.",
            allow_files = [".wasm"],
        ),
    } | setting_attrs(
        "trust_code",
        "Skip validating function bodies of the components: the caller vouches for them. All else is validated in any case.",
    )

def _stem(file):
    return file.basename.removesuffix(".wasm")

def _graph_names(ctx, files):
    """The given names, File -> string, and how often each name by which plugs can speak of a component is taken."""
    given = {}
    for target, name in ctx.attr.names.items():
        file = single_wasm(ctx, "names", target)
        if file not in files:
            fail("{}: names: {} is neither the root nor among deps, its own or those of others; add it to deps, or drop its name".format(ctx.label, target.label))
        if not name or [c for c in name.elems() if not c.isalnum() and c not in "_-"]:
            fail("{}: names: {} is called {}; a name has letters, digits, _ and - only".format(ctx.label, target.label, repr(name)))
        given[file] = name
    taken = {}
    for file in files:
        name = given.get(file, _stem(file))
        taken[name] = taken.get(name, 0) + 1
    for name in given.values():
        if taken[name] > 1:
            fail("{}: names: two components are called {}; choose another name for one".format(ctx.label, repr(name)))
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
      struct(root = File, deps = list of File, supplies = list of struct(importer = File, provider = File), private =
      list of File, the providers among them that are not in deps, names = dict from File to a given name).
    """
    root = single_wasm(ctx, "root", ctx.attr.root)
    deps = [single_wasm(ctx, "deps", d) for d in ctx.attr.deps]
    seen = {root: ctx.attr.root.label}
    for file, target in zip(deps, ctx.attr.deps):
        if file in seen:
            fail("{}: deps: {} is the same component as {}; list it once, for a dependency serves all that import from it".format(
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
    return struct(root = root, deps = deps, supplies = all_supplies, private = private, names = names)

def _supply(edge):
    return edge.importer.path + "=" + edge.provider.path

def _label(label):
    """A label as a BUILD file of the main repository writes it."""
    text = str(label)
    return text[2:] if text.startswith("@@//") else text

def link_action(ctx, command, graph, out, mnemonic, verb, flags = []):
    """Declares the action that runs `wasmfuse COMMAND` over a graph.

    Args:
      ctx: the rule's context; its exec_groups are LINK_EXEC_GROUPS.
      command: wasmfuse's subcommand.
      graph: what link_graph() gives.
      out: File that it writes.
      mnemonic: of the action.
      verb: first word of the progress message.
      flags: further flags, free of paths.
    """
    tool = ctx.exec_groups[LINK_EXEC_GROUP].toolchains[FUSE_TOOLCHAIN_TYPE].fuse.wasmfuse
    args = ctx.actions.args()
    args.add(command)
    args.add(graph.root)
    args.add_all(graph.deps)
    args.add("-o", out)
    for file, name in graph.names.items():
        args.add("--name", file, format = name + "=%s")
    args.add_all(graph.supplies, before_each = "--supply", map_each = _supply)
    args.add_all(ctx.attr.plugs, before_each = "--plug")
    if setting(ctx, "trust_code"):
        args.add("--trust-code")
    args.add_all(flags)

    # Messages speak of targets, for a file's path says little to whoever wrote the BUILD file.
    for file in [graph.root] + graph.deps + graph.private:
        args.add("--label", file, format = _label(file.owner).replace("%", "%%") + "=%s")
    ctx.actions.run(
        executable = tool,
        arguments = [args],
        inputs = [graph.root] + graph.deps + graph.private,
        outputs = [out],
        mnemonic = mnemonic,
        progress_message = verb + " %{label}",
        execution_requirements = PATH_MAPPED,
        exec_group = LINK_EXEC_GROUP,
    )
