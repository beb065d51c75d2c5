"""WIT packages of registries, as wkg.lock names them, as repositories."""

load(":common.bzl", "label_text")
load(":wasi.bzl", "ALIAS")
load(":wkg_lock.bzl", "parse_lock")

_LIBRARY = """load("@rules_wasm_fuse//rules:defs.bzl", "wit_library")

wit_library(
    name = {name},
    srcs = ["package.wasm"],
    package = {package},
    visibility = ["//visibility:public"],
)
"""

# Where the registries of containers that let everyone read after they have handed out a token, do so.
_TOKENS = {
    "ghcr.io": "https://ghcr.io/token?service=ghcr.io&scope=repository:{repository}:pull",
}

def _place(rctx):
    """Returns the OCI registry that stores the packages of a registry, and the prefix of their repositories' names.

    As wkg does, this asks the registry's host (docs/registry-metadata.md of wasm-pkg-tools), which is the OCI registry itself if
    it does not answer.
    """
    if rctx.attr.oci:
        host, _, prefix = rctx.attr.oci.partition("/")
        return host, prefix
    url = "https://{}/.well-known/wasm-pkg/registry.json".format(rctx.attr.registry)
    if not rctx.download(url, "registry.json", allow_fail = True).success:
        return rctx.attr.registry, ""
    said = json.decode(rctx.read("registry.json"), default = None)
    if type(said) != "dict" or said.get("preferredProtocol", "oci") != "oci":
        fail("{}: {} is not about a registry with the protocol oci: {}".format(rctx.attr.lock, url, rctx.read("registry.json")))
    oci = said.get("oci", {})
    if type(oci) != "dict":
        fail("{}: {} has no object oci: {}".format(rctx.attr.lock, url, rctx.read("registry.json")))
    return (
        oci.get("registry", said.get("ociRegistry", rctx.attr.registry)),
        oci.get("namespacePrefix", said.get("ociNamespacePrefix", "")),
    )

def _token(rctx, host, repository):
    """Returns the token that lets its bearer read a repository of an OCI registry, or None where there is no need of one."""
    url = (rctx.attr.token or _TOKENS.get(host, "")).replace("{repository}", repository)
    if not url:
        return None
    if not rctx.download(url, "token.json", allow_fail = True).success:
        fail("{}: {} needs a token of {}, which does not hand one out, as the warning above says; set token in the tag wkg.registry, or set wkg.mirror".format(
            rctx.attr.lock,
            rctx.attr.package,
            url,
        ))
    said = json.decode(rctx.read("token.json"), default = None)
    rctx.delete("token.json")
    token = said.get("token", said.get("access_token")) if type(said) == "dict" else None
    if type(token) != "string":
        fail("{}: what {} answers has no token; set token in the tag wkg.registry, or set wkg.mirror".format(rctx.attr.lock, url))
    return token

def _wkg_package_impl(rctx):
    namespace, _, rest = rctx.attr.package.partition(":")
    name, _, version = rest.partition("@")
    digest = "sha256:" + rctx.attr.sha256
    auth = {}
    if rctx.attr.mirror:
        url = rctx.attr.mirror
        for field, value in {"digest": digest, "namespace": namespace, "package": name, "version": version}.items():
            url = url.replace("{" + field + "}", value)
    elif not rctx.attr.registry:
        fail(("{}: {} has no registry there, and none is known for the namespace {}; write registry = \"registry.example\" in wkg.toml and update " +
              "the lock file with wkg, or set wkg.registry(name = \"registry.example\", namespaces = [{}]) or wkg.mirror").format(
            rctx.attr.lock,
            rctx.attr.package,
            namespace,
            repr(namespace),
        ))
    else:
        host, prefix = _place(rctx)
        repository = "{}{}/{}".format(prefix, namespace, name)

        # The digest is that of the package itself, so neither a tag nor a manifest is needed (OCI Distribution Specification,
        # "Pulling blobs").
        url = "https://{}/v2/{}/blobs/{}".format(host, repository, digest)
        token = _token(rctx, host, repository)
        if token:
            auth[url] = {"type": "pattern", "pattern": "Bearer <password>", "login": "", "password": token}
    if not rctx.download(url, "package.wasm", sha256 = rctx.attr.sha256, auth = auth, allow_fail = True).success:
        fail("{}: {} with the digest {} does not come from {}, as the warning above says; update the lock file with wkg, or correct the tag {}".format(
            rctx.attr.lock,
            rctx.attr.package,
            digest,
            url,
            "wkg.mirror" if rctx.attr.mirror else "wkg.registry of " + rctx.attr.registry,
        ))
    rctx.file("BUILD.bazel", _LIBRARY.format(name = repr(name), package = repr(rctx.attr.package)))

wkg_package_repository = repository_rule(
    implementation = _wkg_package_impl,
    doc = "One package of a lock file, as a wit_library. Fetched only when it is needed.",
    attrs = {
        "lock": attr.string(doc = "The lock file, for messages.", mandatory = True),
        "mirror": attr.string(doc = "URL in a mirror, with {namespace}, {package}, {version} and {digest}; by default the registry has it."),
        "oci": attr.string(doc = "Host of the OCI registry with the prefix of names of repositories; by default the registry says so."),
        "package": attr.string(doc = "`namespace:name@version`.", mandatory = True),
        "registry": attr.string(doc = "Host of the registry."),
        "sha256": attr.string(doc = "Digest of the package in binary form.", mandatory = True),
        "token": attr.string(doc = "URL of a token, with {repository}; by default, only ghcr.io needs one."),
    },
)

def _wkg_hub_impl(rctx):
    builds = {"": ""}
    versions = {}
    for package, repository in rctx.attr.packages.items():
        id, _, version = package.partition("@")
        namespace, _, name = id.partition(":")
        alias = ALIAS.format(name = repr(name), actual = repr("@{}//:{}".format(repository, name)))
        folder = "{}/{}".format(namespace, version)
        builds[folder] = builds.get(folder, "") + alias
        versions.setdefault(id, []).append(alias)
    for id, aliases in versions.items():
        if len(aliases) == 1:
            namespace = id.partition(":")[0]
            builds[namespace] = builds.get(namespace, "") + aliases[0]
    for folder, text in builds.items():
        rctx.file((folder + "/BUILD.bazel").lstrip("/"), text)

wkg_hub_repository = repository_rule(
    implementation = _wkg_hub_impl,
    doc = "Names for all packages of lock files. Naming one fetches nothing else.",
    attrs = {
        "packages": attr.string_dict(doc = "Maps `namespace:name@version` to a repository.", mandatory = True),
    },
)

# The registries of namespaces, as far as wkg knows them by itself (crate wasm-pkg-common, config.rs).
_NAMESPACES = {
    "ba": "bytecodealliance.org",
    "wasi": "wasi.dev",
}

def read_lock(mctx, file):
    """Reads a lock file.

    Args:
      mctx: the context of a module extension.
      file: Label of the file.

    Returns:
      (name, packages): the file's name in messages, and the packages of parse_lock(). Fails if the file is not as wkg writes it.
    """
    name = label_text(file)
    lock = parse_lock(mctx.read(file))
    if lock.error:
        fail("{}:{}; this is no file that wkg writes: write it again with `wkg wit fetch`".format(name, lock.error))
    return name, lock.packages

def unknown_fields(url, fields):
    """Returns the parts of a URL that begin with a brace, up to the next one, and are none of some fields.

    Args:
      url: the URL.
      fields: the names of the fields.

    Returns:
      A list of texts.
    """
    for field in fields:
        url = url.replace("{" + field + "}", "")
    parts = ["{" + part.partition("}")[0] + "}" for part in url.split("{")[1:]]
    return parts or (["}"] if "}" in url else [])

def check_fields(attribute, url, fields):
    """Fails if a URL has other parts in braces than the fields that are replaced.

    Args:
      attribute: the tag and its attribute, for the message.
      url: the URL.
      fields: the names of the fields.
    """
    unknown = unknown_fields(url, fields)
    if unknown:
        fail("{} = {}: {} is no field; write {}".format(attribute, repr(url), unknown[0], " or ".join(["{" + f + "}" for f in fields])))

def wkg_packages(locks, registries, mirror):
    """Defines the repositories of the packages of lock files.

    Args:
      locks: a list of the results of read_lock().
      registries: a list of struct(name, namespaces, oci, token), those that take precedence last.
      mirror: a URL as in wkg_package_repository, or an empty text.
    """
    namespaces, settings = dict(_NAMESPACES), {}
    for registry in registries:
        settings[registry.name] = registry
        namespaces |= {namespace: registry.name for namespace in registry.namespaces}
    first, names = {}, {}
    for lock, packages in locks:
        for p in packages:
            package = "{}:{}@{}".format(p.namespace, p.name, p.version)
            if package in first:
                if first[package][1] != p.sha256:
                    fail("{}: {} has the digest sha256:{}, but {} says sha256:{}; update one of the lock files with wkg".format(
                        lock,
                        package,
                        p.sha256,
                        first[package][0],
                        first[package][1],
                    ))
                continue
            first[package] = (lock, p.sha256)
            registry = p.registry or namespaces.get(p.namespace, "")
            setting = settings.get(registry)
            names[package] = "wkg_{}_{}_{}".format(p.namespace, p.name, p.version.replace("+", "_"))
            wkg_package_repository(
                name = names[package],
                lock = lock,
                mirror = mirror,
                oci = setting.oci if setting else "",
                package = package,
                registry = registry,
                sha256 = p.sha256,
                token = setting.token if setting else "",
            )
    wkg_hub_repository(name = "wkg", packages = names)
