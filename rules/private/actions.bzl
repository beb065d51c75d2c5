"""The actions that run wasmfuse."""

load(":common.bzl", "FUSE_TOOLCHAIN_TYPE", "PATH_MAPPED", "WASM_OPT_TOOLCHAIN_TYPE", "tool_args")

# The execution group of the link actions. Users set its properties as in `exec_properties = {"fuse.mem": "8g"}`.
LINK_EXEC_GROUP = "fuse"
LINK_EXEC_GROUPS = {LINK_EXEC_GROUP: exec_group(toolchains = [FUSE_TOOLCHAIN_TYPE])}

# The execution group of wasm-opt, which wasmfuse runs.
WASM_OPT_EXEC_GROUP = "wasm_opt"
WASM_OPT_EXEC_GROUPS = {WASM_OPT_EXEC_GROUP: exec_group(toolchains = [
    FUSE_TOOLCHAIN_TYPE,
    config_common.toolchain_type(WASM_OPT_TOOLCHAIN_TYPE, mandatory = False),
])}

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
        fail(("{}: optimize = {} runs binaryen's wasm-opt, and no toolchain has it; write register_toolchains(\"@binaryen//:all\") in " +
              "MODULE.bazel, with the extension binaryen of @rules_wasm_fuse//rules:extensions.bzl, register another toolchain of type " +
              "{}, or set optimize to \"speed\" or \"size\", which need none").format(
            ctx.label,
            repr(flags[0].removeprefix("-")),
            "@rules_wasm_fuse//rules:wasm_opt_toolchain_type",
        ))
    info = toolchains[WASM_OPT_TOOLCHAIN_TYPE].wasm_opt
    args = tool_args(ctx)
    args.add("wasm-opt")
    args.add("--quiet")
    args.add(fused)
    args.add("-o", out)
    args.add("--tool", info.wasm_opt.executable)
    args.add("--")
    args.add_all(flags)
    ctx.actions.run(
        executable = toolchains[FUSE_TOOLCHAIN_TYPE].fuse.wasmfuse,
        arguments = [args],
        inputs = [fused],
        outputs = [out],
        tools = [info.wasm_opt, info.data],
        mnemonic = "WasmOpt",
        progress_message = "Optimising %{label}",
        execution_requirements = PATH_MAPPED | info.execution_requirements,
        exec_group = WASM_OPT_EXEC_GROUP,
    )
