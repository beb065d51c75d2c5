"""What the rules share."""

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

def component_providers(file):
    """The providers of a target that is one component."""
    return [
        DefaultInfo(files = depset([file])),
        WasmComponentInfo(component = file),
    ]

def graph_attrs():
    """Attributes of the rules that link a root component with its dependencies."""
    return {
        "root": attr.label(
            doc = "The component whose exports the output has. Any target with just one .wasm file.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
        "deps": attr.label_list(
            doc = "Components whose exports meet imports, by interface name; of the root or of each other. What no " +
                  "one meets stays an import of the output.",
            allow_files = [".wasm"],
        ),
        "plugs": attr.string_list(
            doc = "Wirings by hand, which go before those by name: `IMPORTER:IMPORT=PROVIDER[:EXPORT]`, with the base " +
                  "names of the component files without `.wasm`.",
        ),
    }

def link_action(ctx, command, root, deps, out, mnemonic, verb, flags = []):
    """Declares the action that runs `wasmfuse COMMAND` over a graph.

    Args:
      ctx: the rule's context; its toolchains hold FUSE_TOOLCHAIN_TYPE.
      command: wasmfuse's subcommand.
      root: File.
      deps: list of File, in the order of the attribute.
      out: File that it writes.
      mnemonic: of the action.
      verb: first word of the progress message.
      flags: further flags, free of paths.
    """
    tool = ctx.toolchains[FUSE_TOOLCHAIN_TYPE].fuse.wasmfuse
    args = ctx.actions.args()
    args.add(command)
    args.add(root)
    args.add_all(deps)
    args.add("-o", out)
    args.add_all(ctx.attr.plugs, before_each = "--plug")
    args.add_all(flags)
    ctx.actions.run(
        executable = tool,
        arguments = [args],
        inputs = [root] + deps,
        outputs = [out],
        mnemonic = mnemonic,
        progress_message = verb + " %{label}",
        execution_requirements = PATH_MAPPED,
        toolchain = FUSE_TOOLCHAIN_TYPE,
    )
