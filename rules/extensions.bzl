"""Module extensions that fetch what the rules' tools need beyond the Go modules in go.mod."""

load("//rules/private:prebuilt.bzl", "PLATFORMS", "hub_repository", "program_repository")
load("//rules/private:versions.bzl", "WASMFUSE")
load("//rules/private:wasmtime.bzl", "wasmtime_repository")
load("//rules/private:wasmtime50.bzl", "wasmtime50_repository")

def _tools_impl(_mctx):
    wasmtime_repository(
        name = "wasmtime_c",
        anchor = Label("@com_github_bytecodealliance_wasmtime_go_v42//:BUILD.bazel"),
    )
    wasmtime50_repository(name = "wasmtime50_c")

tools = module_extension(
    implementation = _tools_impl,
    doc = "Defines the repositories wasmtime_c and wasmtime50_c. Each is fetched only when a target needs it.",
)

def _prebuilt_impl(mctx):
    tag = None
    for module in mctx.modules:  # the root module comes first, so its tag wins
        if module.tags.wasmfuse and not tag:
            tag = module.tags.wasmfuse[0]
    if not tag:
        return
    integrity = tag.integrity or WASMFUSE.get(tag.version, {})
    if not integrity:
        fail("prebuilt.wasmfuse(version = {}): no such release; there are: {}. Remove the tag to build wasmfuse from source".format(
            repr(tag.version),
            ", ".join(WASMFUSE) or "none yet",
        ))
    for platform in integrity:
        if platform not in PLATFORMS:
            fail("prebuilt.wasmfuse(integrity): {} is not a platform; there are: {}".format(repr(platform), ", ".join(PLATFORMS)))
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
    doc = """Uses released wasmfuse programs instead of building wasmfuse from source.

The digests of the releases are in rules/private/versions.bzl, which is empty until the first release.

```starlark
prebuilt = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "prebuilt")
prebuilt.wasmfuse(version = "0.1.0")
use_repo(prebuilt, "wasmfuse_prebuilt")
register_toolchains("@wasmfuse_prebuilt//:all")
```
""",
    tag_classes = {
        "wasmfuse": tag_class(
            doc = "The programs to use. The root module's first tag wins, or else that of the module nearest to the root.",
            attrs = {
                "integrity": attr.string_dict(
                    doc = "Digest of each platform's program: from `linux_amd64`, say, to `sha256-...`. Only needed for " +
                          "programs that are not part of a release.",
                ),
                "url": attr.string(
                    doc = "URL of the programs, for example on a mirror. `{version}` and `{file}` are replaced by the " +
                          "version and the program's file name.",
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
