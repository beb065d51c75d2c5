"""Helpers shared by the rules."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("//rules:providers.bzl", "WasmComponentInfo", "WasmModuleInfo", "WasmPrecompiledInfo", "WitInfo")

FUSE_TOOLCHAIN_TYPE = Label("//rules:fuse_toolchain_type")
WASM_OPT_TOOLCHAIN_TYPE = Label("//rules:wasm_opt_toolchain_type")
COMPONENT_TOOLCHAIN_TYPE = Label("//rules:component_toolchain_type")
WIT_TOOLCHAIN_TYPE = Label("//rules:wit_toolchain_type")

# All paths are passed through Args, so that Bazel can rewrite output paths in them.
PATH_MAPPED = {"supports-path-mapping": "1"}

# The forms of WebAssembly files that targets stand for: the provider of each, whose field of that name is the File, and its
# name in messages.
_FORMS = {
    "component": (WasmComponentInfo, "component"),
    "module": (WasmModuleInfo, "core module"),
    "precompiled": (WasmPrecompiledInfo, "file of machine code"),
}

def single_wasm(ctx, attr, target, forms = ["component"]):
    """Returns the one .wasm file that a target stands for.

    Args:
      ctx: the rule's context, for the message.
      attr: name of the attribute that holds the target, for the message.
      target: a target with the provider of a form, or with exactly one .wasm file among its default outputs.
      forms: the forms that the file may have, as far as the target says which it has: "component", "module", "precompiled".

    Returns:
      The File. Fails with a message that names both targets if there is not exactly one, or if it has another form.
    """
    for form, (info, name) in _FORMS.items():
        if info in target:
            if form not in forms:
                fail("{}: {} = {}: this is a {}, and a {} is needed here; set emit = {} there, or name another target".format(
                    ctx.label,
                    attr,
                    target.label,
                    name,
                    _FORMS[forms[0]][1],
                    repr(forms[0]),
                ))
            return getattr(target[info], form)
    files = [f for f in target[DefaultInfo].files.to_list() if f.extension == "wasm"]
    if len(files) != 1:
        fail("{}: {} = {}: expected a target with exactly one .wasm file among its outputs, got {}; name the file itself{}".format(
            ctx.label,
            attr,
            target.label,
            "none" if not files else ", ".join([f.basename for f in files]),
            ", or wrap it in wasm_component_import" if "component" in forms else "",
        ))
    return files[0]

# The attribute `deps` of a component: the components that supply its imports.
SUPPLIERS_ATTRS = {
    "deps": attr.label_list(
        doc = "Components whose exports satisfy imports of this one, by interface name, when it is linked. Rules that " +
              "link include them and their own `deps`. They do not affect the component itself.",
        allow_files = [".wasm"],
    ),
}

def supplies(ctx, file, more = []):
    """Returns the supplies of a component from the attribute `deps` of its rule.

    Args:
      ctx: the rule's context; the rule has SUPPLIERS_ATTRS.
      file: File of the component.
      more: targets whose supplies this component has too.

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

def component_providers(ctx, file, supplies = None, world = None, groups = {}, validation = False):
    """Returns the providers of a target that is one component.

    Args:
      ctx: the rule's context; the rule's exec_groups contain LINK_EXEC_GROUPS.
      file: File of the component.
      supplies: the result of supplies(), or None for a component that is already linked.
      world: struct(wit = WitInfo, name = string), a world that the component has to have, or None.
      groups: further output groups, a dict from names to depsets.
      validation: whether every build of the target validates the component; with a world, it does.

    Returns:
      A list of providers.
    """
    interface = _interface_action(ctx, file, world)
    if validation or world:
        groups = groups | {"_validation": depset([interface])}
    return [
        DefaultInfo(files = depset([file])),
        OutputGroupInfo(interface = depset([interface]), **groups),
        WasmComponentInfo(
            component = file,
            components = depset([file], transitive = [
                t[WasmComponentInfo].components
                for t in (ctx.attr.deps if supplies else [])
                if WasmComponentInfo in t
            ]),
            interface = interface,
            supplies = supplies or depset(order = "preorder"),
        ),
    ]

# Attributes that name a wit_library also take these files, of which wit_info() says what to name instead.
WIT_FILES = [".wasm", ".wit"]

def wit_info(ctx, attr, target):
    """Returns the WitInfo of a target.

    Args:
      ctx: the rule's context, for the message.
      attr: name of the attribute that holds the target, for the message.
      target: a target with WitInfo, or a file of WIT_FILES.

    Returns:
      The provider. Fails with a message that names both targets if there is none.
    """
    if WitInfo not in target:
        fail("{}: {} = {}: this is a file, and a wit_library is needed here; name one that has it in srcs".format(
            ctx.label,
            attr,
            target.label,
        ))
    return target[WitInfo]

# The attributes of rules whose components can be checked against a world.
WORLD_ATTRS = {
    "wit": attr.label(
        doc = "The wit_library with the world of `world`.",
        allow_files = WIT_FILES,
        providers = [WitInfo],
    ),
    "world": attr.string(
        doc = "A world in `wit` that the component must have: it imports nothing else, and exports all that the world does. " +
              "The build names the difference if it does not.",
    ),
}

def expected_world(ctx):
    """Returns the world of WORLD_ATTRS, for component_providers(), or None."""
    if bool(ctx.attr.wit) != bool(ctx.attr.world):
        fail("{}: {} is set without {}; a world is named by both: set both, or neither".format(
            ctx.label,
            *(["wit", "world"] if ctx.attr.wit else ["world", "wit"])
        ))
    return struct(wit = wit_info(ctx, "wit", ctx.attr.wit), name = ctx.attr.world) if ctx.attr.wit else None

def _interface_action(ctx, file, world):
    """Declares the action that validates and describes a component, and returns the description."""
    out = ctx.actions.declare_file(ctx.label.name + ".interface.json")
    args = tool_args(ctx)
    args.add("inspect")
    args.add(file)
    args.add("--json")
    args.add("-o", out)
    args.add("--label", label_text(ctx.label))
    if world:
        args.add("--wit", world.wit.binary)
        args.add("--world", world.name)
    wasmfuse_action(
        ctx,
        args,
        inputs = [file] + ([world.wit.binary] if world else []),
        outputs = [out],
        mnemonic = "WasmInspect",
        message = "Checking component %{label}",
    )
    return out

# The execution group of the link actions. Users set its properties as in `exec_properties = {"fuse.mem": "8g"}`.
LINK_EXEC_GROUP = "fuse"
LINK_EXEC_GROUPS = {LINK_EXEC_GROUP: exec_group(toolchains = [FUSE_TOOLCHAIN_TYPE])}

# The execution group of wasm-opt, which wasmfuse runs.
WASM_OPT_EXEC_GROUP = "wasm_opt"
WASM_OPT_EXEC_GROUPS = {WASM_OPT_EXEC_GROUP: exec_group(toolchains = [
    FUSE_TOOLCHAIN_TYPE,
    config_common.toolchain_type(WASM_OPT_TOOLCHAIN_TYPE, mandatory = False),
])}

def setting_attrs(name, doc, values = ["off", "on"]):
    """Returns the attributes of a setting that a build flag sets for the whole build and a target can override.

    Args:
      name: name of the attribute, and of the flag under //rules.
      doc: what the setting does.
      values: the values it can have besides `auto`; none for any text.

    Returns:
      A dict of attributes; setting() reads them.
    """
    return {
        name: attr.string(
            doc = doc + " `auto` uses the flag `@rules_wasm_fuse//rules:" + name + "`.",
            default = "auto",
            values = ["auto"] + values if values else [],
        ),
        "_" + name: attr.label(
            default = "//rules:" + name,
            providers = [BuildSettingInfo],
        ),
    }

def setting(ctx, name):
    """Returns the value of the setting that setting_attrs(name) declares.

    Args:
      ctx: the rule's context.
      name: name of the attribute.

    Returns:
      The text, or of a setting that can be on or off, True or False.
    """
    value = getattr(ctx.attr, name)
    if value == "auto":
        return getattr(ctx.attr, "_" + name)[BuildSettingInfo].value
    return {"off": False, "on": True}.get(value, value)

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

def label_text(label):
    """Returns a label as a BUILD file of the main repository writes it, for messages."""
    text = str(label)
    return text[2:] if text.startswith("@@//") else text

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

def tool_args(ctx):
    """Returns Args for one of the rules' programs. They go into a file where a command line cannot be as long, as on Windows."""
    args = ctx.actions.args()
    args.use_param_file("@%s")
    args.set_param_file_format("multiline")
    return args

def wasmfuse_action(ctx, args, inputs, outputs, mnemonic, message):
    """Declares an action that runs wasmfuse.

    Args:
      ctx: the rule's context; the rule's exec_groups contain LINK_EXEC_GROUPS.
      args: the Args of the command line, from tool_args().
      inputs: the Files that it reads.
      outputs: the Files that it writes.
      mnemonic: mnemonic of the action.
      message: the progress message.
    """
    ctx.actions.run(
        executable = ctx.exec_groups[LINK_EXEC_GROUP].toolchains[FUSE_TOOLCHAIN_TYPE].fuse.wasmfuse,
        arguments = [args],
        inputs = inputs,
        outputs = outputs,
        mnemonic = mnemonic,
        progress_message = message,
        execution_requirements = PATH_MAPPED,
        exec_group = LINK_EXEC_GROUP,
    )

def wasm_opt_action(ctx, fused, out, flags):
    """Declares the action that runs binaryen's wasm-opt on the core modules of a fused component or on a core module.

    Args:
      ctx: the rule's context; the rule's exec_groups contain WASM_OPT_EXEC_GROUPS.
      fused: the File to optimise.
      out: the File to write.
      flags: wasm-opt's flags; the first is the level.
    """
    toolchains = ctx.exec_groups[WASM_OPT_EXEC_GROUP].toolchains
    if not toolchains[WASM_OPT_TOOLCHAIN_TYPE]:
        fail(("{}: optimize = {} runs binaryen's wasm-opt, and no toolchain has it; register a toolchain of type {} with a " +
              "wasm_opt_toolchain, or set optimize to \"speed\" or \"size\", which need none").format(
            ctx.label,
            repr(flags[0].removeprefix("-")),
            "@rules_wasm_fuse//rules:wasm_opt_toolchain_type",
        ))
    wasm_opt = toolchains[WASM_OPT_TOOLCHAIN_TYPE].wasm_opt.wasm_opt
    args = tool_args(ctx)
    args.add("wasm-opt")
    args.add("--quiet")
    args.add(fused)
    args.add("-o", out)
    args.add("--tool", wasm_opt.executable)
    args.add("--")
    args.add_all(flags)
    ctx.actions.run(
        executable = toolchains[FUSE_TOOLCHAIN_TYPE].fuse.wasmfuse,
        arguments = [args],
        inputs = [fused],
        outputs = [out],
        tools = [wasm_opt],
        mnemonic = "WasmOpt",
        progress_message = "Optimising %{label}",
        execution_requirements = PATH_MAPPED,
        exec_group = WASM_OPT_EXEC_GROUP,
    )
