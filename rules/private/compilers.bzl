"""What the rules for the compilers of the extension `guests` have in common."""

def source_place(ctx, file):
    """Returns the path of a source below the package of the target, or its base name if it is elsewhere."""
    prefix = ctx.label.package + "/" if ctx.label.package else ""
    path = file.short_path
    return path.removeprefix(prefix) if path.startswith(prefix) and not path.startswith("../") else file.basename

def add_sources(ctx, args):
    """Adds `--src PLACE=FILE` to a command line for each file of the attribute `srcs`.

    Args:
      ctx: the rule's context.
      args: the Args of the command line.
    """
    for file in ctx.files.srcs:
        args.add("--src")
        args.add(file, format = source_place(ctx, file).replace("%", "%%") + "=%s")

# What each toolchain has, by the name of its type.
_PROGRAMS = {
    "componentize_js_toolchain_type": "componentize-js",
    "componentize_py_toolchain_type": "componentize-py",
    "rust_toolchain_type": "Rust's compiler",
    "tinygo_toolchain_type": "TinyGo",
}

def compiler_toolchains(toolchain_type):
    """Returns the toolchains of a rule that uses compiler_action.

    Args:
      toolchain_type: Label of the type of the toolchain that has the compiler. It is not mandatory, so that a message can say
        where there is one.

    Returns:
      The rule's `toolchains`.
    """
    return [config_common.toolchain_type(toolchain_type, mandatory = False)]

def compiler(ctx, toolchain_type):
    """Returns the program that compiles.

    Args:
      ctx: the rule's context.
      toolchain_type: Label of the type of the toolchain that has the compiler.

    Returns:
      The program. Fails with a message that says where there is one, if no toolchain has it.
    """
    toolchain = ctx.toolchains[toolchain_type]
    if not toolchain:
        fail(("{}: no toolchain has {}; write register_toolchains(\"@guests//:all\") in MODULE.bazel, with the extension guests of " +
              "@rules_wasm_fuse//rules:extensions.bzl, or register another toolchain of type {}").format(
            ctx.label,
            _PROGRAMS[toolchain_type.name],
            "@rules_wasm_fuse//rules:" + toolchain_type.name,
        ))
    return toolchain.program

def compiler_action(ctx, toolchain_type, args, inputs, out, mnemonic, message):
    """Declares an action that runs a compiler of the extension `guests`.

    Args:
      ctx: the rule's context.
      toolchain_type: Label of the type of the toolchain that has the compiler.
      args: the Args of the command line.
      inputs: the Files that it reads.
      out: the File that it writes.
      mnemonic: mnemonic of the action.
      message: the progress message.
    """
    ctx.actions.run(
        executable = compiler(ctx, toolchain_type),
        arguments = [args],
        inputs = inputs,
        outputs = [out],
        mnemonic = mnemonic,
        progress_message = message,
        toolchain = toolchain_type,
        # The program and what it runs are at fixed places of the machine.
        execution_requirements = {"no-remote-exec": "1"},
    )
