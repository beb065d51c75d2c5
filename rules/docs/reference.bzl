"""Generates the pages of the reference and tests that they are up to date."""

load("@bazel_skylib//rules:diff_test.bzl", "diff_test")

def reference(name, pages):
    """Generates a page for each public file, and a test that the page beside the BUILD file is the same.

    Args:
      name: name of the filegroup of all pages.
      pages: maps the name of a file under //rules, without .bzl, to the page's title.
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
            failure_message = "Update the pages: tools/bazel run //rules/docs:update",
            file1 = page + ".md",
            file2 = page + ".generated.md",
        )
    native.filegroup(
        name = name,
        srcs = [page + ".generated.md" for page in pages],
    )
