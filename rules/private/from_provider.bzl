"""wasm_component_from_provider."""

load("//rules:providers.bzl", "WasmComponentInfo")
load(":actions.bzl", "LINK_EXEC_GROUPS")
load(":component.bzl", "SUPPLIERS_ATTRS", "component_providers", "supplies")

def wasm_component_from_provider(provider, component):
    """Makes a rule that turns targets of another rule set into components.

    Use it for targets that do not have exactly one `.wasm` file among their default outputs; all others can be named
    directly. Call it at the top level of a .bzl file:

    ```starlark
    load("@rules_other//:providers.bzl", "OtherInfo")
    load("@rules_wasm_fuse//rules:defs.bzl", "wasm_component_from_provider")

    other_component = wasm_component_from_provider(OtherInfo, component = lambda info: info.wasm)
    ```

    Then, in a BUILD file, `other_component(name = "kv", src = "//other:kv")`.

    Args:
      provider: the provider that the other rule set's targets carry.
      component: a function from an instance of the provider to the component's File.

    Returns:
      A rule with the attributes `src` and `deps`, whose targets provide WasmComponentInfo.
    """

    def _impl(ctx):
        file = component(ctx.attr.src[provider])
        if type(file) != "File":
            fail("{}: src = {}: the function component of wasm_component_from_provider returned {}, not a File".format(
                ctx.label,
                ctx.attr.src.label,
                repr(file),
            ))
        return component_providers(ctx, file, supplies(ctx, file))

    return rule(
        implementation = _impl,
        doc = "A component that another rule set builds.",
        attrs = {
            "src": attr.label(
                doc = "A target of the other rule set.",
                mandatory = True,
                providers = [provider],
            ),
        } | SUPPLIERS_ATTRS,
        exec_groups = LINK_EXEC_GROUPS,
        provides = [WasmComponentInfo],
    )

def wasm_component_adapter(provider, component):
    """Deprecated: renamed to wasm_component_from_provider.

    Args:
      provider: see wasm_component_from_provider.
      component: see wasm_component_from_provider.

    Returns:
      A rule.
    """
    return wasm_component_from_provider(provider, component)
