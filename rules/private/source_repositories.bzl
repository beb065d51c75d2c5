"""Repositories of the rules' programs, built from this repository's sources."""

load(":tool_repositories.bzl", "exe", "host_platform", "write_toolchains")

_GO = "RULES_WASM_FUSE_GO"

def _go_proxies(rctx):
    """Returns the Go module proxies of the variable GOPROXY, or else of the configuration of the go on the PATH."""
    listed = rctx.os.environ.get("GOPROXY", "")
    go = rctx.which("go")
    if not listed and go:
        listed = rctx.execute([go, "env", "GOPROXY"], environment = {"GOTOOLCHAIN": "local"}).stdout.strip()
    return [p.removesuffix("/") for p in listed.replace("|", ",").split(",") if ":" in p]

def _go_sdk_impl(rctx):
    go = rctx.os.environ.get(_GO)
    platform = host_platform(rctx)
    name = platform.replace("_", "-")
    if go:
        go = rctx.path(go)
    elif platform in rctx.attr.sha256:
        # The Go distribution as a Go module. Its files have no permission to be executed.
        proxies = _go_proxies(rctx)
        urls = [
            url.format(goproxy = proxy, platform = name, version = rctx.attr.version)
            for url in rctx.attr.urls
            for proxy in (proxies if "{goproxy}" in url else [""])
        ]
        if not urls:
            fail(("building the rules' programs from source needs Go {}, and no Go module proxy is known: set --repo_env=GOPROXY=URL, " +
                  "put any go on the PATH, or name one with --repo_env={}=PATH").format(rctx.attr.version, _GO))
        rctx.download_and_extract(
            urls,
            output = "sdk",
            sha256 = rctx.attr.sha256[platform],
            stripPrefix = "golang.org/toolchain@v0.0.1-go{}.{}".format(rctx.attr.version, name),
            type = "zip",
        )
        go = rctx.path("sdk/bin/" + exe("go", platform))
        if not platform.startswith("windows"):
            rctx.execute(["chmod", "-R", "a+x", str(rctx.path("sdk/bin")), str(rctx.path("sdk/pkg/tool"))])
    else:
        go = rctx.which("go")
        if not go:
            fail("building the rules' programs from source needs Go: no archive of Go {} is known for {}, and there is no go on the PATH; install it, or set --repo_env={}=PATH".format(
                rctx.attr.version,
                platform,
                _GO,
            ))
    done = rctx.execute([go, "version"], environment = {"GOTOOLCHAIN": "local"})
    if done.return_code != 0:
        fail("{} version: {}".format(go, done.stderr or done.stdout))
    rctx.file("go.path", str(go))
    rctx.file("BUILD.bazel", "")

go_sdk = repository_rule(
    implementation = _go_sdk_impl,
    doc = """A Go distribution of the rules' own. Its file go.path has the path of the program go.

It is independent of the toolchains of rules_go, whose version the root module chooses.
""",
    attrs = {
        "sha256": attr.string_dict(doc = "The digest of each platform's archive. On others, the go on the PATH is used.", mandatory = True),
        "urls": attr.string_list(doc = "URLs of the archive, with {goproxy}, {version} and {platform}.", mandatory = True),
        "version": attr.string(doc = "Go's version.", mandatory = True),
    },
    environ = [_GO, "GOPROXY"],
)

# The folders of this repository that programs are built from.
_SOURCES = ["fusecore", "internal", "tools"]

def _from_source_impl(rctx):
    root = rctx.path(rctx.attr._go_mod).dirname
    for file in ["go.mod", "go.sum"]:
        rctx.watch(root.get_child(file))
    for folder in _SOURCES:
        rctx.watch_tree(root.get_child(folder))
    goos, _, goarch = rctx.attr.platform.partition("_")
    environment = {
        # Nothing of the user's settings may change the programs.
        "CGO_ENABLED": "1" if rctx.attr.cgo else "0",
        "GOAMD64": "v1",
        "GOARCH": goarch,
        "GOARM64": "v8.0",
        "GOEXPERIMENT": "",
        "GOFLAGS": "-mod=readonly -modcacherw",
        "GOOS": goos,
        "GOROOT": "",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    if rctx.os.environ.get("GO_REPOSITORY_USE_HOST_CACHE") != "1":
        environment |= {
            "GOCACHE": str(rctx.path("cache/build")),
            "GOMODCACHE": str(rctx.path("cache/modules")),
            "GOPATH": str(rctx.path("cache")),
        }
    tags = []
    data = []
    if rctx.attr.library:
        library = rctx.path(rctx.attr.library)
        data = ["lib/" + library.basename]
        rctx.symlink(library, data[0])

        # Links to the program, which stays beside the library, need nothing of the environment.
        environment["CGO_LDFLAGS"] = "-L{} -l:{} -Wl,-rpath,$ORIGIN/lib".format(library.dirname, library.basename)
        tags = ["-tags=" + rctx.attr.tag]
    flags = "-s -w -buildid="
    if rctx.attr.version:
        flags += " -X main.version=" + rctx.attr.version
    go = rctx.read(rctx.attr.go).strip()
    programs = {}
    for program, package in rctx.attr.programs.items():
        out = exe(program, rctx.attr.platform)
        rctx.report_progress("building {} from source".format(program))
        done = rctx.execute(
            [go, "build", "-trimpath", "-buildvcs=false", "-ldflags=" + flags, "-o", str(rctx.path(out))] + tags + [package],
            environment = environment,
            timeout = 3600,
            working_directory = str(root),
        )
        if done.return_code != 0:
            fail("building {} for {} from source: go build {} in {}: {}{}".format(
                program,
                rctx.attr.platform,
                package,
                root,
                done.stderr or done.stdout,
                rctx.attr.remedy,
            ))
        programs[program] = out
    rctx.delete("cache")
    write_toolchains(rctx, programs, data)

programs_from_source = repository_rule(
    implementation = _from_source_impl,
    doc = """Programs that `go build` makes of this repository's sources, with the versions of its own go.mod and go.sum.

Neither the root module's Go SDK nor the versions of Go modules that it resolves take part. With the Go SDK of a release, the
bytes are those of the release. `--repo_env=GO_REPOSITORY_USE_HOST_CACHE=1` uses the user's Go caches, as in Gazelle.
""",
    attrs = {
        "cgo": attr.bool(doc = "The programs contain C code, so they are built for this machine with its C compiler."),
        "go": attr.label(doc = "The file go.path of a go_sdk.", mandatory = True),
        "library": attr.label(doc = "A shared library to link with."),
        "platform": attr.string(doc = "The platform they run on.", mandatory = True),
        "programs": attr.string_dict(doc = "Maps names of programs to Go packages.", mandatory = True),
        "remedy": attr.string(doc = "What messages of failed builds recommend."),
        "tag": attr.string(doc = "The build tag that goes with the library."),
        "version": attr.string(doc = "The version that the programs state, if it is not the sources'."),
        "_go_mod": attr.label(default = "//:go.mod"),
    },
    environ = ["CC", "GO_REPOSITORY_USE_HOST_CACHE", "GOPROXY"],
)
