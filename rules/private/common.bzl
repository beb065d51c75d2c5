"""What the rules share: types of toolchains, files of targets, and settings."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("//rules:providers.bzl", "WasmComponentInfo", "WasmModuleInfo", "WasmPrecompiledInfo", "WitInfo")

FUSE_TOOLCHAIN_TYPE = Label("//rules:fuse_toolchain_type")
WASM_OPT_TOOLCHAIN_TYPE = Label("//rules:wasm_opt_toolchain_type")
COMPONENT_TOOLCHAIN_TYPE = Label("//rules:component_toolchain_type")
WIT_TOOLCHAIN_TYPE = Label("//rules:wit_toolchain_type")

# All paths are passed through Args, so that Bazel can rewrite output paths in them.
PATH_MAPPED = {"supports-path-mapping": "1"}

# The forms of WebAssembly files that targets stand for: the provider of each, whose field of that name is the File, and its
# name in messages.
_FORMS = {
    "component": (WasmComponentInfo, "component"),
    "module": (WasmModuleInfo, "core module"),
    "precompiled": (WasmPrecompiledInfo, "file of machine code"),
}

def single_wasm(ctx, attr, target, forms = ["component"]):
    """Returns the one .wasm file that a target stands for.

    Args:
      ctx: the rule's context, for the message.
      attr: name of the attribute that holds the target, for the message.
      target: a target with the provider of a form, or with exactly one .wasm file among its default outputs.
      forms: the forms that the file may have, as far as the target says which it has: "component", "module", "precompiled".

    Returns:
      The File. Fails with a message that names both targets if there is not exactly one, or if it has another form.
    """
    for form, (info, name) in _FORMS.items():
        if info in target:
            if form not in forms:
                fail("{}: {} = {}: this is a {}, and a {} is needed here; set emit = {} there, or name another target".format(
                    ctx.label,
                    attr,
                    target.label,
                    name,
                    _FORMS[forms[0]][1],
                    repr(forms[0]),
                ))
            return getattr(target[info], form)
    files = [f for f in target[DefaultInfo].files.to_list() if f.extension == "wasm"]
    if len(files) != 1:
        fail("{}: {} = {}: expected a target with exactly one .wasm file among its outputs, got {}; name the file itself{}".format(
            ctx.label,
            attr,
            target.label,
            "none" if not files else ", ".join([f.basename for f in files]),
            ", or wrap it in wasm_component_import" if "component" in forms else "",
        ))
    return files[0]

# Attributes that name a wit_library also take these files, of which wit_info() says what to name instead.
WIT_FILES = [".wasm", ".wit"]

def wit_info(ctx, attr, target):
    """Returns the WitInfo of a target.

    Args:
      ctx: the rule's context, for the message.
      attr: name of the attribute that holds the target, for the message.
      target: a target with WitInfo, or a file of WIT_FILES.

    Returns:
      The provider. Fails with a message that names both targets if there is none.
    """
    if WitInfo not in target:
        fail("{}: {} = {}: this is a file, and a wit_library is needed here; name one that has it in srcs".format(
            ctx.label,
            attr,
            target.label,
        ))
    return target[WitInfo]

def label_text(label):
    """Returns a label as a BUILD file of the main repository writes it, for messages."""
    text = str(label)
    return text[2:] if text.startswith("@@//") else text

def tool_args(ctx):
    """Returns Args for one of the rules' programs. They go into a file where a command line cannot be as long, as on Windows.

    Args:
      ctx: the rule's context.

    Returns:
      The Args.
    """
    args = ctx.actions.args()
    args.use_param_file("@%s")
    args.set_param_file_format("shell")  # a value may have line breaks
    return args

def setting_attrs(name, doc, values = ["off", "on"]):
    """Returns the attributes of a setting that a build flag sets for the whole build and a target can override.

    Args:
      name: name of the attribute, and of the flag under //rules.
      doc: what the setting does.
      values: the values it can have besides `auto`; none for any text.

    Returns:
      A dict of attributes; setting() reads them.
    """
    return {
        name: attr.string(
            doc = doc + " `auto` uses the flag `@rules_wasm_fuse//rules:" + name + "`.",
            default = "auto",
            values = ["auto"] + values if values else [],
        ),
        "_" + name: attr.label(
            default = "//rules:" + name,
            providers = [BuildSettingInfo],
        ),
    }

def setting(ctx, name):
    """Returns the value of the setting that setting_attrs(name) declares.

    Args:
      ctx: the rule's context.
      name: name of the attribute.

    Returns:
      The text, or of a setting that can be on or off, True or False.
    """
    value = getattr(ctx.attr, name)
    if value == "auto":
        return getattr(ctx.attr, "_" + name)[BuildSettingInfo].value
    return {"off": False, "on": True}.get(value, value)
