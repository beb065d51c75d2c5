"""Components of other rule sets as components of this one."""

load("//rules:providers.bzl", "WasmComponentInfo")
load("//rules/private:common.bzl", "SUPPLIERS_ATTRS", "component_providers", "supplies")

def wasm_component_adapter(provider, component):
    """Makes a rule that turns targets of another rule set into components.

    It is needed only for targets that do not have just one `.wasm` file among their default outputs; others can be
    named as they are. To be called at the top of a .bzl file:

    ```starlark
    load("@rules_other//:providers.bzl", "OtherInfo")
    load("@rules_wasm_fuse//rules:defs.bzl", "wasm_component_adapter")

    other_component = wasm_component_adapter(OtherInfo, component = lambda info: info.wasm)
    ```

    Then, in a BUILD file, `other_component(name = "kv", src = "//other:kv")`.

    Args:
      provider: the provider that the other rule set's targets carry.
      component: a function that gives the File of the component, given an instance of the provider.

    Returns:
      A rule with the attributes `src` and `deps`, whose targets have WasmComponentInfo.
    """

    def _impl(ctx):
        file = component(ctx.attr.src[provider])
        if type(file) != "File":
            fail("{}: src = {}: the adapter's function component gave {}, not a File".format(
                ctx.label,
                ctx.attr.src.label,
                repr(file),
            ))
        return component_providers(file, supplies(ctx, file))

    return rule(
        implementation = _impl,
        doc = "A component that another rule set made.",
        attrs = {
            "src": attr.label(
                doc = "A target of the other rule set.",
                mandatory = True,
                providers = [provider],
            ),
        } | SUPPLIERS_ATTRS,
        provides = [WasmComponentInfo],
    )
