"""Targets that are the programs of toolchains: engines, for attributes that name one, and wasmfuse, for `bazel run`."""

load("//rules:providers.bzl", "WasmRunToolchainInfo")
load(":common.bzl", "FUSE_TOOLCHAIN_TYPE")

_WAZERO_TYPE = Label("//rules:wazero_toolchain_type")

def _program(ctx, program, runfiles):
    """Returns the DefaultInfo of a target that is a program.

    Args:
      ctx: the rule's context.
      program: the File.
      runfiles: what it needs when it runs.
    """

    # Under its own name, because programs are told apart by it, and in a folder of the target's own.
    out = ctx.actions.declare_file("{}.program/{}".format(ctx.label.name, program.basename))
    ctx.actions.symlink(output = out, target_file = program, is_executable = True)
    return DefaultInfo(
        executable = out,
        files = depset([out]),
        runfiles = ctx.runfiles([out]).merge(runfiles),
    )

def _engine_rule(type):
    """Returns a rule whose targets are the program of the toolchain of a type."""

    def _impl(ctx):
        run = ctx.toolchains[type].run
        return [_program(ctx, run.wasmrun.executable, run.runfiles)]

    return rule(
        implementation = _impl,
        doc = "The program of the toolchain of type `{}`.".format(type),
        executable = True,
        toolchains = [type],
    )

toolchain_engine = _engine_rule(Label("//rules:run_toolchain_type"))
wazero_engine = _engine_rule(_WAZERO_TYPE)
wasmtime50_engine = _engine_rule(Label("//rules:wasmtime50_toolchain_type"))

def _module_engine_impl(ctx):
    toolchain = ctx.toolchains[_WAZERO_TYPE]
    return [toolchain.run if toolchain else WasmRunToolchainInfo(wasmrun = None, runfiles = ctx.runfiles())]

module_engine = rule(
    implementation = _module_engine_impl,
    doc = """The engine of core modules, if there is one for the target platform.

Targets depend on it whether they use it or not, so it must not be incompatible with any platform. Those that do use it have
the default engine, which is incompatible with platforms where no engine runs.
""",
    toolchains = [config_common.toolchain_type(_WAZERO_TYPE, mandatory = False)],
    provides = [WasmRunToolchainInfo],
)

def _wasmfuse_command_impl(ctx):
    fuse = ctx.toolchains[FUSE_TOOLCHAIN_TYPE].fuse
    return [
        _program(ctx, fuse.wasmfuse.executable, fuse.runfiles),
        # `bazel run` starts programs among their runfiles. With this variable, wasmfuse goes back to where its user is.
        RunEnvironmentInfo(environment = {"WASMFUSE_BAZEL_RUN": "1"}),
    ]

wasmfuse_command = rule(
    implementation = _wasmfuse_command_impl,
    doc = """The program wasmfuse of the toolchain, for `bazel run`: file names are relative to the folder that this is called in.

It is the program for the execution platform, which is that of the machine if `exec_compatible_with` says so.
""",
    executable = True,
    toolchains = [FUSE_TOOLCHAIN_TYPE],
)
