"""The action that generates bindings of a world."""

load("//rules:providers.bzl", "WitInfo")
load(":common.bzl", "PATH_MAPPED", "WIT_FILES", "WIT_TOOLCHAIN_TYPE", "tool_args", "wit_info")

_EXEC_GROUP = "bindings"

# Of rules with the action. A group, because the rest of a rule may run elsewhere.
BINDINGS_EXEC_GROUPS = {_EXEC_GROUP: exec_group(toolchains = [WIT_TOOLCHAIN_TYPE])}

BINDINGS_ATTRS = {
    "wit": attr.label(
        doc = "The `wit_library` that contains the world.",
        allow_files = WIT_FILES,
        mandatory = True,
        providers = [WitInfo],
    ),
    "world": attr.string(
        doc = "The world's name in that package.",
        mandatory = True,
    ),
}

def bindings_action(ctx, language, outs, flags = [], where = None):
    """Declares the action.

    Args:
      ctx: the context of a rule with BINDINGS_ATTRS and BINDINGS_EXEC_GROUPS.
      language: the language of the bindings, as witpackage calls it.
      outs: the Files that are generated, by the names that the generator gives them.
      flags: further flags of witpackage, without paths.
      where: the target that messages speak of; by default, this one.
    """
    wit = wit_info(ctx, "wit", ctx.attr.wit).binary
    args = tool_args(ctx)
    args.add("bindings")
    args.add(where or str(ctx.label), format = "-target=%s")
    args.add(ctx.attr.world, format = "-world=%s")
    args.add(language, format = "-language=%s")
    args.add_all(flags)
    for name, out in outs.items():
        args.add(out, format = "-o={}=%s".format(name))
    args.add(wit)
    ctx.actions.run(
        executable = ctx.exec_groups[_EXEC_GROUP].toolchains[WIT_TOOLCHAIN_TYPE].wit.witpackage,
        arguments = [args],
        inputs = [wit],
        outputs = outs.values(),
        mnemonic = "WitBindings",
        progress_message = "Generating bindings %{label}",
        exec_group = _EXEC_GROUP,
        execution_requirements = PATH_MAPPED,
    )
