"""Makes repositories of the golden trees in gazelle_ext/testdata, so that Gazelle's output is built."""

# Trees that cannot be built, with reasons.
_EXCLUDED = {
    "alias_kind": "has a missing macro",
    "apparent_name": "names this module as a module that depends on it would",
    "component_by_hand": "has a missing core module",
    "component_no_world": "has a missing core module",
    "component_sources_deleted": "has no rules",
    "component_vendored_twice": "has a WIT package twice",
    "directive_errors": "has no rules",
    "document_names": "needs another module",
    "document_problems": "has documents without their packages",
    "fix_renames": "uses an interface that is missing",
    "fuse_ambiguous_unversioned": "needs another module",
    "fuse_by_hand": "has missing dependencies",
    "fuse_existing_missing": "has a missing dependency",
    "fuse_memories": "has more memories than engines accept",
    "fuse_middleware_middle_deleted": "has a missing dependency",
    "fuse_provider_deleted": "has a missing dependency",
    "go_bindings_elsewhere": "needs another module",
    "go_bindings_missing": "has missing libraries",
    "import_broken": "has no rules",
    "keep_rule": "has a missing dependency",
    "library_ambiguous": "has a WIT package without a dependency",
    "library_ambiguous_keeps": "has a missing dependency",
    "library_cycle": "has WIT packages that depend on each other",
    "library_cycle_keeps": "has WIT packages that depend on each other",
    "library_deps_many": "has a WIT package without a dependency",
    "library_deps_vendored_copies": "has a WIT package without a dependency",
    "library_generated_mixed": "has a source of a missing package",
    "library_merge": "has missing dependencies",
    "library_missing_package": "has a WIT package without a dependency",
    "library_missing_version": "has a WIT package without a dependency",
    "library_no_package": "has no rules",
    "library_renamed_by_hand": "uses an interface that is missing",
    "library_resolve_external": "needs another module",
    "library_stale": "has a missing source",
    "library_syntax_error": "has a syntax error in WIT",
    "map_kind": "has missing macros",
    "partial_indexed": "uses an interface that is missing",
    "partial_lazy": "has a missing dependency",
    "partial_none": "has a missing dependency",
    "partial_run": "has a missing dependency",
    "partial_supply": "has a missing dependency",
    "resolve_pattern": "needs another module",
    "wit_text_component": "has a WIT package without a dependency",
    "wkg_lock_errors": "has no rules",
    "wkg_locked": "needs another module",
    "wkg_locked_missing": "has a WIT package without a dependency",
}

# Exceeds the nesting depth of every tree.
_DEPTH = 10

def _files(dir):
    """Returns all files of a tree: their names relative to it, and their paths."""
    out = []
    folders = [("", dir)]
    for _ in range(_DEPTH):
        below = []
        for prefix, folder in folders:
            for entry in folder.readdir():
                name = prefix + entry.basename
                if entry.is_dir:
                    below.append((name + "/", entry))
                else:
                    out.append((name, entry))
        folders = below
    if folders:
        fail("%s: deeper than %d folders" % (dir, _DEPTH))
    return out

def _names(build):
    """Returns the names of the rules in a BUILD file formatted by Gazelle."""
    start = "    name = \""
    return [line[len(start):-len("\",")] for line in build.split("\n") if line.startswith(start)]

def _golden_impl(ctx):
    dir = ctx.path(Label("//gazelle_ext:BUILD.bazel")).dirname.get_child("testdata").get_child(ctx.attr.case)
    ctx.watch_tree(dir)
    targets = []
    root = ""
    for name, file in _files(dir):
        if not name.endswith("BUILD.out"):
            if not name.endswith("BUILD.in"):
                ctx.symlink(file, name)
            continue
        build = ctx.read(file)
        pkg = name[:-len("BUILD.out")].rstrip("/")
        targets.append("//%s:all_rules" % pkg)
        build += "\nfilegroup(name = \"all_rules\", srcs = [%s], visibility = [\"//visibility:public\"])\n" % ", ".join(
            ["\":%s\"" % n for n in _names(build)],
        )
        if pkg:
            ctx.file(pkg + "/BUILD.bazel", build)
        else:
            root = build
    root += "\nfilegroup(name = \"golden\", srcs = %s, visibility = [\"//visibility:public\"])\n" % targets
    ctx.file("BUILD.bazel", root)
    ctx.file("REPO.bazel", "")

_golden = repository_rule(
    implementation = _golden_impl,
    attrs = {"case": attr.string(mandatory = True)},
)

def _hub_impl(ctx):
    lines = ["    str(Label(\"@golden_%s//:golden\"))," % c for c in ctx.attr.cases]
    ctx.file("goldens.bzl", "GOLDENS = [\n%s\n]\n" % "\n".join(lines))
    ctx.file("BUILD.bazel", "")

_hub = repository_rule(
    implementation = _hub_impl,
    attrs = {"cases": attr.string_list(mandatory = True)},
)

def _goldens_impl(ctx):
    dir = ctx.path(Label("//gazelle_ext:BUILD.bazel")).dirname.get_child("testdata")
    ctx.watch(dir)
    cases = [e.basename for e in dir.readdir() if e.is_dir and e.basename not in _EXCLUDED]
    for case in cases:
        _golden(name = "golden_" + case, case = case)
    _hub(name = "wit_goldens", cases = cases)

goldens = module_extension(implementation = _goldens_impl)
