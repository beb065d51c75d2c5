"""Module extension: what the rules' tools are made of, besides Go modules that go.mod names."""

load("@gazelle//:deps.bzl", "go_repository")
load("//rules/private:wasmtime.bzl", "wasmtime_repository")

def _tools_impl(_mctx):
    # A repository of our own, not go_deps': its version is ours whatever the root module's go.mod says, and a
    # module that is not the root may not patch go_deps' one.
    go_repository(
        name = "wasm_tools",
        importpath = "go.bytecodealliance.org",
        version = "v0.7.0",
        sum = "h1:CTJ1eb5kFhBKHw1/xycxxz4SmVWNKXYHhrA78oLNXhY=",
        build_file_generation = "off",
        patches = [Label("//rules/private:wasm_tools_build.patch")],
        patch_args = ["-p1"],
    )
    wasmtime_repository(
        name = "wasmtime_c",
        anchor = Label("@com_github_bytecodealliance_wasmtime_go_v42//:BUILD.bazel"),
    )

tools = module_extension(
    implementation = _tools_impl,
    doc = "Defines the repositories wasm_tools and wasmtime_c; each is fetched only where a target needs it.",
)
