"""Module extensions: the programs that the rules run, WASI, and the tools of other languages."""

load("//rules/private:binaryen.bzl", "binaryen_release", "wasm_opt_hub_repository", "wasm_opt_repository")
load("//rules/private:guests.bzl", "componentize_js_repository", "componentize_py_repository", "guests_hub_repository", "rust_repository", "tinygo_repository")
load("//rules/private:source_repositories.bzl", "go_sdk", "programs_from_source")
load("//rules/private:tool_repositories.bzl", "PLATFORMS", "PURE", "host_platform", "program_file", "released_program", "toolchains_repository")
load("//rules/private:versions.bzl", "RELEASES")
load("//rules/private:wasi.bzl", "track", "wasi_adapters_repository", "wasi_hub_repository", "wasi_wit_repository")
load("//rules/private:wasm_cc.bzl", "wasm_cc_repository")
load("//rules/private:wasmtime.bzl", "wasmtime_repository")
load("//rules/private:wasmtime50.bzl", "wasmtime50_repository")
load("//rules/private:wkg.bzl", "check_fields", "read_lock", "wkg_packages")

def _tools_impl(_mctx):
    wasmtime_repository(
        name = "wasmtime_c",
        anchor = Label("@com_github_bytecodealliance_wasmtime_go_v42//:BUILD.bazel"),
    )
    wasmtime50_repository(name = "wasmtime50_c")

tools = module_extension(
    implementation = _tools_impl,
    doc = "The C libraries wasmtime_c and wasmtime50_c that rules_go builds this repository's programs with.",
)

def _first_tag(mctx, name):
    """Returns the first tag of a class: the root module's, or else that of the module nearest to the root; None if none has one."""
    for module in mctx.modules:
        for tag in getattr(module.tags, name):
            return tag
    return None

def _checksums(mctx, label):
    """Returns the digests of a file that sha256sum wrote, by file name."""
    sums = {}
    for line in mctx.read(label).splitlines():
        digest, _, file = line.partition(" ")
        sums[file.lstrip(" *")] = digest
    return sums

def _released(mctx):
    """Defines the repositories of a release's programs, and returns its version with a line for each program."""
    tag = _first_tag(mctx, "release")
    version = tag.version if tag else ""
    if not version:
        version = RELEASES.keys()[0] if RELEASES else ""
    if tag and tag.checksums:
        if not tag.version:
            fail("toolchains.release(checksums = {}): set version as well, to that of the programs".format(repr(str(tag.checksums))))
        sums = _checksums(mctx, tag.checksums)
    elif version in RELEASES:
        sums = RELEASES[version]
    elif version:
        fail("toolchains.release(version = {}): the digests of that release are not known here; there are those of: {}. Set checksums to the SHA256SUMS of the release".format(
            repr(version),
            ", ".join(RELEASES) or "none",
        ))
    else:
        sums = {}
    lines = []
    for platform in PLATFORMS:
        for program in ["componentize", "wasmfuse", "wasmrun", "wazerun", "witpackage"]:
            file = program_file(program, platform)
            if file not in sums:
                continue
            repository = "{}_{}".format(program, platform)
            released_program(
                name = repository,
                platform = platform,
                program = program,
                sha256 = sums[file],
                urls = tag.urls if tag and tag.urls else _URLS,
                version = version,
            )
            lines.append("released {} {} {}".format(program, platform, repository))
    if sums and not lines:
        fail("toolchains.release(checksums = {}): it lists no program of a release, such as {}".format(
            repr(str(tag.checksums)) if tag else "",
            program_file("wasmfuse", "linux_amd64"),
        ))
    return version, lines

_URLS = ["https://github.com/wasmfuse/rules_wasm_fuse/releases/download/v{version}/{file}"]

_REMEDY = ("\nThe toolchains @rules_wasm_fuse builds from source need network access to Go modules (GOPROXY); programs of a release " +
           "need neither: see toolchains.release in rules/extensions.bzl")
_NO_C = ("\nwasmrun is linked with wasmtime by the machine's C compiler (CC); engine = \"@rules_wasm_fuse//rules:wazero\" needs none")

def _from_source(mctx, version):
    """Defines the repositories of programs built from source, and returns a line for each program."""
    tag = _first_tag(mctx, "source")
    lock = json.decode(mctx.read(tag.go_sdk if tag and tag.go_sdk else Label("//rules/private:go_sdk.lock.json")))
    go_sdk(
        name = "go",
        sha256 = lock["sha256"],
        urls = tag.go_sdk_urls if tag and tag.go_sdk_urls else lock["urls"],
        version = lock["version"],
    )
    common = {"go": "@go//:go.path", "version": version}
    lines = []
    host = host_platform(mctx)
    if host in ["linux_amd64", "linux_arm64"]:
        programs_from_source(
            name = "wasmrun_source",
            cgo = True,
            platform = host,
            programs = {"wasmrun": "./tools/wasmrun"},
            remedy = _REMEDY + _NO_C,
            **common
        )
        lines.append("source wasmrun {} wasmrun_source".format(host))
    if host == "linux_amd64":
        wasmtime50_repository(name = "wasmtime50")
        programs_from_source(
            name = "wasmrun50_source",
            cgo = True,
            library = "@wasmtime50//:lib/libwasmtime50.so",
            platform = host,
            programs = {"wasmrun50": "./tools/wasmrun"},
            remedy = _REMEDY + _NO_C,
            tag = "wasmtime50",
            **common
        )
        lines.append("source wasmrun50 {} wasmrun50_source".format(host))
    for platform in PLATFORMS:
        repository = "source_" + platform
        programs_from_source(
            name = repository,
            platform = platform,
            programs = {program: "./tools/" + program for program in PURE},
            remedy = _REMEDY,
            **common
        )
        lines += ["source {} {} {}".format(program, platform, repository) for program in PURE]
    return lines

def _toolchains_impl(mctx):
    version, released = _released(mctx)
    toolchains_repository(
        name = "wasm_fuse_toolchains",
        programs = released + _from_source(mctx, version),
    )
    return mctx.extension_metadata(reproducible = True)

toolchains = module_extension(
    implementation = _toolchains_impl,
    doc = """The toolchains of the rules' programs: released ones, or ones built from source.

rules_wasm_fuse uses this extension itself and registers all toolchains, so a module that depends on it needs nothing more.
Each program is fetched when a target needs it.

| rules_wasm_fuse is | programs |
|---|---|
| a release, from a registry or an archive | released ones, with digests that are part of the release; built from source for other platforms, and with `--@rules_wasm_fuse//rules:from_source` |
| a commit, by `git_override` or `local_path_override` | built from source, because a commit has no digests; or those that `release` names |

Programs are built from source by `go build`, with a Go SDK of their own and the versions of this repository's go.mod. The Go
SDK and the Go modules that the root module uses do not matter. `--repo_env=RULES_WASM_FUSE_GO=PATH` names another `go`.

```starlark
# Released programs from a mirror, which may be a folder.
toolchains = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "toolchains")
toolchains.release(urls = [
    "https://mirror.example/rules_wasm_fuse/{version}/{file}",
    "file:///srv/mirror/rules_wasm_fuse/{version}/{file}",
])
```
""",
    tag_classes = {
        "release": tag_class(
            doc = "Where released programs come from, and which. The root module's first tag wins, or else that of the module nearest to the root.",
            attrs = {
                "checksums": attr.label(
                    doc = "The file SHA256SUMS of the release. Only needed for a release whose digests are not part of these rules.",
                ),
                "urls": attr.string_list(
                    doc = "URLs of the programs, tried in this order. `{version}` and `{file}` are replaced by the version and " +
                          "the program's file name. Default: the release on GitHub.",
                ),
                "version": attr.string(
                    doc = "The version of the release. Default: that of the rules.",
                ),
            },
        ),
        "source": tag_class(
            doc = "How programs are built from source. The first tag wins as for `release`.",
            attrs = {
                "go_sdk": attr.label(
                    doc = "The Go SDK: a file like rules/private/go_sdk.lock.json, with digests.",
                ),
                "go_sdk_urls": attr.string_list(
                    doc = "URLs of the Go SDK, tried in this order, with `{version}`, `{platform}` (`linux-amd64`), and `{goproxy}`: " +
                          "each Go module proxy of the variable GOPROXY, or else of the configuration of the go on the PATH.",
                ),
            },
        ),
    },
)

_LOCK = Label("//rules/private:wasi.lock.json")

def _wasi_impl(mctx):
    lock = json.decode(mctx.read(_LOCK))
    url, wit, adapters = "", lock["wit"], lock["adapters"]
    for module in reversed(mctx.modules):  # the root module comes first, so its tags win
        for tag in module.tags.wit:
            track(tag.version)
            wit[tag.version] = {"crate": tag.crate, "version": tag.crate_version, "sha256": tag.sha256}
        for tag in module.tags.adapters:
            adapters = {"crate": adapters["crate"], "version": tag.version, "sha256": tag.sha256}
        for tag in module.tags.mirror:
            url = tag.url
    for version, crate in wit.items():
        wasi_wit_repository(
            name = "wasi_wit_" + version,
            crate = crate["crate"],
            crate_version = crate["version"],
            sha256 = crate["sha256"],
            url = url,
            version = version,
        )
    wasi_adapters_repository(
        name = "wasi_adapters",
        crate = adapters["crate"],
        crate_version = adapters["version"],
        sha256 = adapters["sha256"],
        url = url,
    )
    wasi_hub_repository(name = "wasi", versions = wit.keys())
    return mctx.extension_metadata(reproducible = True)

wasi = module_extension(
    implementation = _wasi_impl,
    doc = """WASI's WIT packages as `wit_library` targets, and the adapters from preview1, from crates with digests.

```starlark
wasi = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "wasi")
use_repo(wasi, "wasi")
```

The packages are `@wasi//VERSION:PACKAGE`, such as `@wasi//0.2.12:http` and `@wasi//0.3.0:cli`, for 0.2.0 to 0.2.4, 0.2.9,
0.2.12, 0.3.0 and 0.3.2. A version is fetched when one of its packages is needed. The adapters are `@wasi//adapters:command`,
`@wasi//adapters:reactor` and `@wasi//adapters:proxy`, for the attribute `adapter` of `wasm_component`.

The crates are fetched by cargo, which must be on the PATH, or come from a mirror. Tags are only needed for that and for
other versions; those of the root module win.
""",
    tag_classes = {
        "adapters": tag_class(
            doc = "Another version of the adapters, which is that of a release of wasmtime.",
            attrs = {
                "sha256": attr.string(doc = "Digest of the archive of the crate wasi-preview1-component-adapter-provider.", mandatory = True),
                "version": attr.string(doc = "The crate's version.", mandatory = True),
            },
        ),
        "mirror": tag_class(
            doc = "Where the crates' archives are.",
            attrs = {
                "url": attr.string(
                    doc = "The URL of an archive, also of a local file, in which `{crate}` and `{version}` are replaced by the crate's " +
                          "name and version: `https://mirror.example/{crate}-{version}.crate`.",
                    mandatory = True,
                ),
            },
        ),
        "wit": tag_class(
            doc = "Another version of WASI's packages, or another crate with a version. The crate has the packages in `wit/deps`.",
            attrs = {
                "crate": attr.string(doc = "The crate's name: `wasip2` or `wasip3`, say.", mandatory = True),
                "crate_version": attr.string(doc = "The crate's version.", mandatory = True),
                "sha256": attr.string(doc = "Digest of the crate's archive, as in Cargo.lock.", mandatory = True),
                "version": attr.string(doc = "The version of WASI.", mandatory = True),
            },
        ),
    },
)

def _wkg_impl(mctx):
    locks, registries, mirror = [], [], ""
    for module in reversed(mctx.modules):  # the root module comes first, so its tags win
        for tag in module.tags.lock:
            locks.append(read_lock(mctx, tag.file))
        for tag in module.tags.registry:
            check_fields("wkg.registry of {}: token".format(tag.name), tag.token, ["repository"])
            registries.append(struct(name = tag.name, namespaces = tag.namespaces, oci = tag.oci, token = tag.token))
        for tag in module.tags.mirror:
            check_fields("wkg.mirror: url", tag.url, ["namespace", "package", "version", "digest"])
            mirror = tag.url
    wkg_packages(locks, registries, mirror)
    return mctx.extension_metadata(reproducible = True)

wkg = module_extension(
    implementation = _wkg_impl,
    doc = """The WIT packages in lock files of wkg as `wit_library` targets, from registries or a mirror, with the lock files' digests.

```starlark
wkg = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "wkg")
wkg.lock(file = "//:wkg.lock")
use_repo(wkg, "wkg")
```

The packages are `@wkg//NAMESPACE/VERSION:NAME`, such as `@wkg//wasi/0.2.3:http`, and `@wkg//NAMESPACE:NAME` if all lock files have one
version of it. A package is fetched when it is needed. It is in binary form, with all that it uses of others, which all rules take but
`wasm_js_component` and `wasm_py_component`. `wkg wit fetch` writes the lock file from the WIT of a project; what it puts in `deps`
folders is not needed.

A package comes from the registry that the lock file names, or else that of its namespace: `wasi.dev` for `wasi` and `bytecodealliance.org`
for `ba`, as in wkg. As wkg does, this asks the registry which OCI registry stores its packages. Bazel's `--credential_helper` supplies
credentials for private ones.
""",
    tag_classes = {
        "lock": tag_class(
            doc = "A lock file; several are read together.",
            attrs = {
                "file": attr.label(doc = "The file `wkg.lock`.", mandatory = True),
            },
        ),
        "mirror": tag_class(
            doc = "Where all packages are, in place of registries. The root module's tag wins.",
            attrs = {
                "url": attr.string(
                    doc = "The URL of a package, also of a local file, in which `{namespace}`, `{package}`, `{version}` and `{digest}` are replaced: " +
                          "`file:///srv/wit/{namespace}/{package}/{version}.wasm`, say, for a folder that wkg publishes to with its backend `local`.",
                    mandatory = True,
                ),
            },
        ),
        "registry": tag_class(
            doc = "What is to be known of a registry. The root module's tags win.",
            attrs = {
                "name": attr.string(doc = "Its host, as in the lock file: `wasi.dev`.", mandatory = True),
                "namespaces": attr.string_list(doc = "The namespaces of the packages that it has if the lock file does not name their registry."),
                "oci": attr.string(
                    doc = "The OCI registry that stores its packages, with the prefix of the names of their repositories: `ghcr.io/webassembly/`. By " +
                          "default, `https://NAME/.well-known/wasm-pkg/registry.json` says so, or else it is the registry itself.",
                ),
                "token": attr.string(
                    doc = "The URL of a token that lets its bearer read, in which `{repository}` is replaced by the name of the package's repository. " +
                          "The default is ghcr.io's for that, and no token for others.",
                ),
            },
        ),
    },
)

def _wasm_cc_impl(mctx):
    tags = [tag for module in mctx.modules for tag in module.tags.wasi_sdk]  # the root module comes first, so its tag wins
    wasm_cc_repository(
        name = "wasm_cc",
        sha256 = tags[0].sha256 if tags else {},
        url = tags[0].url if tags else "",
        version = tags[0].version if tags else "",
    )

wasm_cc = module_extension(
    implementation = _wasm_cc_impl,
    doc = """Toolchains for C and C++ in WebAssembly, for `cc_binary` targets that a `wasm_core_module` builds.

```starlark
wasm_cc = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "wasm_cc")
use_repo(wasm_cc, "wasm_cc")
register_toolchains("@wasm_cc//:all")
```

They use the wasi-sdk in the folder that the environment variable `WASI_SDK_PATH` names, or else the clang on the PATH or in
`WASM_CLANG`, with `wasm-ld`, and with the C library in `WASI_SYSROOT`, `/usr/share/wasi-sysroot` or Debian's package wasi-libc.
Without a C library there is only the platform `freestanding`. C++ is compiled with `-fno-exceptions`, as the C++ libraries for WASI
are. Where there is no clang, compiling with one is an error that says so, and `FOUND` of `@wasm_cc//:found.bzl` is False. To
use another toolchain for WebAssembly then, register it before these. With the tag `wasi_sdk`, a release of wasi-sdk is downloaded.
Compilations use programs by their path, so other machines can run them only if they have the same there
([remote caches](caching.md#compilers-of-guests)).
""",
    tag_classes = {
        "wasi_sdk": tag_class(
            doc = "A release of wasi-sdk to download. The root module's tag wins.",
            attrs = {
                "sha256": attr.string_dict(
                    doc = "Digest of the archive for each platform that builds, by wasi-sdk's names: `x86_64-linux`, `arm64-macos`.",
                    mandatory = True,
                ),
                "url": attr.string(
                    doc = "URL of the archives. `{version}`, `{major}` and `{platform}` are replaced.",
                    default = "https://github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-{major}/wasi-sdk-{version}-{platform}.tar.gz",
                ),
                "version": attr.string(doc = "The version: `27.0`.", mandatory = True),
            },
        ),
    },
)

def _guests_impl(mctx):
    locks = {"manifest": Label("//rules/private/scripts:package.json"), "package_lock": Label("//rules/private/scripts:package-lock.json")}
    requirements = Label("//rules/private/scripts:requirements.txt")
    tinygo = {}
    for module in reversed(mctx.modules):  # the root module comes first, so its tags win
        for tag in module.tags.python:
            requirements = tag.requirements
        for tag in module.tags.javascript:
            locks = {"manifest": tag.manifest, "package_lock": tag.package_lock}
        for tag in module.tags.tinygo:
            tinygo = {"sha256": tag.sha256, "url": tag.url, "version": tag.version}
    componentize_py_repository(name = "componentize_py", requirements = requirements)
    componentize_js_repository(name = "componentize_js", lock = locks["package_lock"], manifest = locks["manifest"])
    rust_repository(name = "rust")
    tinygo_repository(name = "tinygo", **tinygo)
    guests_hub_repository(name = "guests")

guests = module_extension(
    implementation = _guests_impl,
    doc = """componentize-py, componentize-js, Rust and TinyGo, for `wasm_py_component`, `wasm_js_component`, `wasm_rust_module` and
`wasm_tinygo_module`.

```starlark
guests = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "guests")
use_repo(guests, "guests")
register_toolchains("@guests//:all")
```

The first two are installed when a target needs them, by pip and npm, which must be on the PATH, with the digests of lock files.
TinyGo is that of the environment variable `TINYGO` or the PATH, or, with the tag `tinygo`, a release that is downloaded; Go must be
on the PATH. Tags of the root module win.

Rust's compiler is that of the environment variable `RUSTC` or the PATH, with the standard library for the targets that are used,
as `rustup target add wasm32-unknown-unknown wasm32-wasip1` installs it. One without a linker for WebAssembly, such as that of a Linux
distribution, takes the `wasm-ld` in its folder or on the PATH.
""",
    tag_classes = {
        "javascript": tag_class(
            doc = "Another version of componentize-js.",
            attrs = {
                "manifest": attr.label(doc = "The package.json, which depends on @bytecodealliance/componentize-js.", mandatory = True),
                "package_lock": attr.label(doc = "The package-lock.json beside it.", mandatory = True),
            },
        ),
        "python": tag_class(
            doc = "Another version of componentize-py.",
            attrs = {
                "requirements": attr.label(doc = "A requirements file with the digests of componentize-py's wheels.", mandatory = True),
            },
        ),
        "tinygo": tag_class(
            doc = "A release of TinyGo to download.",
            attrs = {
                "sha256": attr.string_dict(
                    doc = "Digest of the archive for each platform that builds, by TinyGo's names: `linux-amd64`, `darwin-arm64`.",
                    mandatory = True,
                ),
                "url": attr.string(
                    doc = "URL of the archives. `{version}`, `{platform}` and `{suffix}`, `zip` for Windows and else `tar.gz`, are replaced.",
                    default = "https://github.com/tinygo-org/tinygo/releases/download/v{version}/tinygo{version}.{platform}.{suffix}",
                ),
                "version": attr.string(doc = "The version: `0.41.1`.", mandatory = True),
            },
        ),
    },
)

def _binaryen_impl(mctx):
    scripts = "//rules/private/scripts/binaryen:"
    npm, platforms = {"lock": Label(scripts + "package-lock.json"), "manifest": Label(scripts + "package.json")}, []
    for module in reversed(mctx.modules):  # the root module comes first, so its tags win
        for tag in module.tags.npm:
            npm = {"lock": tag.package_lock, "manifest": tag.manifest}
    release = _first_tag(mctx, "release")
    if release:
        platforms = binaryen_release(release)
    else:
        wasm_opt_repository(name = "wasm_opt", **npm)
    wasm_opt_hub_repository(name = "binaryen", platforms = platforms)

binaryen = module_extension(
    implementation = _binaryen_impl,
    doc = """Binaryen's wasm-opt, for targets with one of its levels, such as `optimize = "O2"` of `wasm_component_fuse`.

```starlark
binaryen = use_extension("@rules_wasm_fuse//rules:extensions.bzl", "binaryen")
use_repo(binaryen, "binaryen")
register_toolchains("@binaryen//:all")
```

When a target needs it, it is taken from the first of these:

| from | if | runs |
|---|---|---|
| a release | there is a tag `release` | also in remote execution, on the platforms that the tag has digests of |
| the machine | the environment variable `WASM_OPT` has the path of the program | on the machine itself |
| npm's package `binaryen`, version 132 | otherwise | on the machine itself, in the `node` on the PATH |

The package is installed by npm, which must be on the PATH, with the digest of a lock file. It is WebAssembly, so that outputs are the
same on every platform. Versions of binaryen differ in what they write; with `WASM_OPT`, let all machines have the same. The oldest one
that is accepted is 118. A wasm-opt that is only on the PATH is not used: `--repo_env=WASM_OPT=$(which wasm-opt)` says that it is meant.
""",
    tag_classes = {
        "npm": tag_class(
            doc = "Another version of npm's package. The root module's tag wins.",
            attrs = {
                "manifest": attr.label(doc = "The package.json, which depends on binaryen.", mandatory = True),
                "package_lock": attr.label(doc = "The package-lock.json beside it.", mandatory = True),
            },
        ),
        "release": tag_class(
            doc = "A release of binaryen to download. The root module's first tag wins, or else that of the module nearest to the root.",
            attrs = {
                "sha256": attr.string_dict(
                    doc = "Digest of the archive for each platform that builds, by binaryen's names: `x86_64-linux`, `aarch64-linux`, " +
                          "`x86_64-macos`, `arm64-macos`, `x86_64-windows`, `arm64-windows`.",
                    mandatory = True,
                ),
                "url": attr.string(
                    doc = "URL of the archives, also of local files. `{version}` and `{platform}` are replaced.",
                    default = "https://github.com/WebAssembly/binaryen/releases/download/version_{version}/binaryen-version_{version}-{platform}.tar.gz",
                ),
                "version": attr.string(doc = "The version: `132`.", mandatory = True),
            },
        ),
    },
)
