package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

const lib = `"""Text of the file.

More of it."""
load("@other//:x.bzl", "OtherInfo", other = "thing")
load(":sub/shared.bzl", "more_attrs")
load("//pkg:info.bzl", _Info = "Info")
load("//pkg:macro.bzl", _sized_test = "sized_test_macro")

_PREFIX = "a" + "b"

def _impl(ctx):
    return unknown_to_the_interpreter(ctx)

thing = rule(
    implementation = _impl,
    doc = "Makes a " + _PREFIX + ".",
    attrs = {
        "src": attr.label(doc = "A|B\n  twice.", mandatory = True, providers = [_Info, OtherInfo], default = Label("//x")),
        "_hidden": attr.label(default = other(1)),
    } | more_attrs("on"),
    provides = [_Info],
    exec_groups = {"g": exec_group(toolchains = [config_common.toolchain_type("t", mandatory = False)])},
)

thing_test = rule(implementation = _impl, doc = "Tests.", test = True, attrs = {"n": attr.int(doc = "Number.")})

Info = _Info
sized_test = _sized_test

def helper(a, b = None):
    """Helps.

    Args:
      a: one,
        on two lines.
      b: other.

    Returns:
      nothing.
    """
`

func files(defs string) fstest.MapFS {
	return fstest.MapFS{
		"pkg/defs.bzl": {Data: []byte(defs)},
		"pkg/info.bzl": {Data: []byte(`Info = provider(doc = "Is it.", fields = {"f": "File: it."})`)},
		"pkg/macro.bzl": {Data: []byte(`
sized_test = rule(implementation = print, doc = "Tests in little time.", test = True, attrs = {})

def sized_test_macro(name, size = "small", **kwargs):
    sized_test(name = name, size = size, **kwargs)
`)},
		"pkg/sub/shared.bzl": {Data: []byte("def more_attrs(v):\n    return {\"mode\": attr.string(doc = \"Mode.\", default = v, values = [\"on\", \"off\"])}\n")},
		"pkg/circle.bzl":     {Data: []byte(`load(":defs.bzl", "x")`)},
	}
}

func page(fsys fstest.MapFS) (string, error) {
	globals, doc, err := newLoader(fsys).file("pkg/defs.bzl")
	if err != nil {
		return "", err
	}
	return render("Title", "pkg/defs.bzl", doc, globals)
}

const want = `
# Title

Text of the file.

More of it.

## Rules

### sized_test

Tests in little time.

Its targets are tests.

Defaults of attributes that all rules of its kind have: ¤size = "small"¤.

| attribute | type | default | meaning |
|---|---|---|---|
| ¤name¤ | name | required | The target's name. |

### thing

Makes a ab.

| attribute | type | default | meaning |
|---|---|---|---|
| ¤name¤ | name | required | The target's name. |
| ¤src¤ | label | required | A\|B twice. Needs: ¤Info¤, ¤OtherInfo¤. |
| ¤mode¤ | string | ¤"on"¤ | Mode. One of: ¤"on"¤, ¤"off"¤. |

Provides: ¤Info¤.

Execution groups: ¤g¤.

### thing_test

Tests.

Its targets are tests.

| attribute | type | default | meaning |
|---|---|---|---|
| ¤name¤ | name | required | The target's name. |
| ¤n¤ | int | ¤0¤ | Number. |

## Functions

### helper

    helper(a, b = None)

Helps.

Args:

- ¤a¤: one,
  on two lines.
- ¤b¤: other.

Returns:

nothing.

## Providers

### Info

Is it.

| field | meaning |
|---|---|
| ¤f¤ | File: it. |
`

func TestPage(t *testing.T) {
	got, err := page(files(lib))
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ = strings.Cut(got, "-->\n")
	if got != strings.ReplaceAll(want, "¤", "`") {
		t.Errorf("got:\n%s", got)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, defs, want string }{
		{"syntax", "def", "pkg/defs.bzl:1"},
		{"rule without attribute text", `r = rule(implementation = 1, doc = "R.", attrs = {"a": attr.label()})`, "pkg/defs.bzl: r: the attribute a has no doc"},
		{"rule without text", `r = rule(implementation = 1, attrs = {})`, "pkg/defs.bzl: r: doc is missing"},
		{"field without text", `P = provider(doc = "P.", fields = {"f": ""})`, "the field f has no doc"},
		{"fields without texts", `P = provider(doc = "P.", fields = ["f"])`, "fields must be a dict"},
		{"function without text", "def f():\n    pass\n", "the function has no doc string"},
		{"public constant", "X = 1", "X is a int, of which no reference can be written"},
		{"circle", `load(":circle.bzl", "y")`, "the file loads itself"},
		{"missing file", `load(":nowhere.bzl", "y")`, "nowhere.bzl"},
		{"undefined", "x = undefined_name(1)", "undefined_name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if out, err := page(files(c.defs)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v and page %q, want an error with %q", err, out, c.want)
			}
		})
	}
}

func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("x.bzl", []byte(`P = provider(doc = "Pp.", fields = {})`), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-file=x.bzl", "-title=T", "-o=out.md"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if out, _ := os.ReadFile("out.md"); !strings.Contains(string(out), "# T\n") || !strings.Contains(string(out), "Pp.") {
		t.Errorf("wrote %q", out)
	}
	for _, args := range [][]string{{}, {"-file=x.bzl"}, {"-bad"}, {"-file=y.bzl", "-o=out.md"}} {
		if run(args, io.Discard) == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
