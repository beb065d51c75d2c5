"""A rule whose action runs a component."""

def _translation_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".txt")
    args = ctx.actions.args()
    args.add("-o", out, format = ctx.attr.folder + "%s")
    args.add(ctx.file.table if ctx.file.table else "/words/table.txt")
    args.add_all(ctx.attr.words)
    ctx.actions.run(
        executable = ctx.executable.tool,
        arguments = [args],
        inputs = [ctx.file.table] if ctx.file.table else [],
        outputs = [out],
        mnemonic = "Translate",
    )
    return [DefaultInfo(files = depset([out]))]

translation = rule(
    implementation = _translation_impl,
    doc = "A file with the meanings of words.",
    attrs = {
        "folder": attr.string(doc = "The tool's name of the working directory, with a slash at the end."),
        "table": attr.label(doc = "The table, or none for the tool's own.", allow_single_file = True),
        "tool": attr.label(doc = "The program.", executable = True, cfg = "exec", mandatory = True),
        "words": attr.string_list(doc = "The words."),
    },
)
