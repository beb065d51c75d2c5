"""Components as targets: their providers, what supplies their imports, and the worlds that they must have."""

load("//rules:providers.bzl", "WasmComponentInfo", "WitInfo")
load(":actions.bzl", "wasmfuse_action")
load(":common.bzl", "WIT_FILES", "label_text", "single_wasm", "tool_args", "wit_info")

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
