"""Module extensions: what the rules' tools are made of, besides Go modules that go.mod names."""

load("@gazelle//:deps.bzl", "go_repository")
load("//rules/private:prebuilt.bzl", "PLATFORMS", "hub_repository", "program_repository")
load("//rules/private:versions.bzl", "WASMFUSE")
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

def _prebuilt_impl(mctx):
    tag = None
    for module in mctx.modules:  # the root module comes first, and its tag decides
        if module.tags.wasmfuse and not tag:
            tag = module.tags.wasmfuse[0]
    if not tag:
        return
    integrity = tag.integrity or WASMFUSE.get(tag.version, {})
    if not integrity:
        fail("prebuilt.wasmfuse(version = {}): there is no such release; there are: {}. Leave the tag out, and wasmfuse is built from source".format(
            repr(tag.version),
            ", ".join(WASMFUSE) or "none yet",
        ))
    for platform in integrity:
        if platform not in PLATFORMS:
            fail("prebuilt.wasmfuse(integrity): {} is no platform; there are: {}".format(repr(platform), ", ".join(PLATFORMS)))
        program_repository(
            name = "wasmfuse_prebuilt_" + platform,
            integrity = integrity[platform],
            platform = platform,
            url = tag.url,
            version = tag.version,
        )
    hub_repository(
        name = "wasmfuse_prebuilt",
        platforms = sorted(integrity),
        repository = "wasmfuse_prebuilt",
    )

prebuilt = module_extension(
    implementation = _prebuilt_impl,
    doc = """Released wasmfuse programs, instead of building wasmfuse from source.

The digests of the releases are in rules/private/versions.bzl; that file is empty until there is a release.

```starlark
prebuilt = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "prebuilt")
prebuilt.wasmfuse(version = "0.1.0")
use_repo(prebuilt, "wasmfuse_prebuilt")
register_toolchains("@wasmfuse_prebuilt//:all")
```
""",
    tag_classes = {
        "wasmfuse": tag_class(
            doc = "The programs to use. The first tag of the root module decides, or else of the module nearest to it.",
            attrs = {
                "integrity": attr.string_dict(
                    doc = "Digest of the program of each platform (`linux_amd64`), as `sha256-...`. Needed only for " +
                          "programs that are no release's.",
                ),
                "url": attr.string(
                    doc = "Address of the programs: a mirror's, or another server's. `{version}` and `{file}` stand " +
                          "for the version and for the program's file name.",
                    default = "https://github.com/wasmfuse/rules_wasm_fuse/releases/download/v{version}/{file}",
                ),
                "version": attr.string(
                    doc = "The version of the release.",
                    mandatory = True,
                ),
            },
        ),
    },
)
