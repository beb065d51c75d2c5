"""Pages of the reference, made and compared."""

load("@bazel_skylib//rules:diff_test.bzl", "diff_test")

def reference(name, pages):
    """Makes a page of each public file, and a test that the page beside the BUILD file is the same.

    Args:
      name: of the filegroup of all pages.
      pages: name of the file under //rules, without .bzl, to title.
    """
    for page, title in pages.items():
        native.genrule(
            name = page,
            srcs = ["//rules:sources"],
            outs = [page + ".generated.md"],
            cmd = "$(location //tools/docgen) -file=rules/{}.bzl -title='{}' -o=$@".format(page, title),
            tools = ["//tools/docgen"],
        )
        diff_test(
            name = page + "_test",
            failure_message = "Write the pages anew: tools/bazel run //rules/docs:update",
            file1 = page + ".md",
            file2 = page + ".generated.md",
        )
    native.filegroup(
        name = name,
        srcs = [page + ".generated.md" for page in pages],
    )
