package extname

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want Name // without Text
	}{
		{"a", Name{Label: "a"}},
		{"is-XML-2-ok", Name{Label: "is-XML-2-ok"}},
		{"HTTP2", Name{Label: "HTTP2"}},
		{"[constructor]my-res", Name{Kind: Constructor, Resource: "my-res"}},
		{"[method]r.get-URL", Name{Kind: Method, Resource: "r", Label: "get-URL"}},
		{"[static]R.s", Name{Kind: Static, Resource: "R", Label: "s"}},
		{"wasi:http/types", Name{Kind: Interface, Namespace: "wasi", Package: "http", Interface: "types"}},
		{"n-1:p-2a/I-3@0.2.1-rc.1+b-2", Name{Kind: Interface, Namespace: "n-1", Package: "p-2a", Interface: "I-3",
			Version: "0.2.1-rc.1+b-2"}},
		{"a:b/c@0.2", Name{Kind: Interface, Namespace: "a", Package: "b", Interface: "c", Version: "0.2"}},
		{"a:b/c@7", Name{Kind: Interface, Namespace: "a", Package: "b", Interface: "c", Version: "7"}},
	} {
		c.want.Text = c.text
		got, err := Parse(c.text)
		if err != nil || got != c.want {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", c.text, got, err, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "kebab case: it is empty",
		"1a":                             "`1a` is not in kebab case",
		"a--b":                           "not in kebab case",
		"aB":                             "`aB` is not in kebab case",
		"-a":                             "not in kebab case",
		"a_b":                            "not in kebab case",
		"é":                              "not in kebab case",
		"a/b":                            "`a/b` is not in kebab case",
		"a@1.0.0":                        "not in kebab case",
		"[constructor]":                  "kebab case: it is empty",
		"[method]a":                      "failed to find `.` character",
		"[method]a.b.c":                  "`b.c` is not in kebab case",
		"[static].a":                     "it is empty",
		"[getter]a.b":                    "unknown annotation",
		"A:b/c":                          "namespace `A` is not in kebab case",
		"a:B/c":                          "package `B` is not in kebab case",
		"a:b/cD":                         "interface `cD` is not in kebab case",
		"a:b":                            "expected `/` after package name",
		"a:b:c/d":                        "nested namespaces are not supported",
		"a:b/c/d":                        "trailing characters found: `/d`",
		"a:b/c@":                         "empty string",
		"a:b/c@01":                       "invalid leading zero",
		"a:b/c@0.0":                      "unexpected end of input after the minor version number",
		"a:b/c@1.2.3.4":                  "unexpected character '.' after the patch",
		"a:b/c@1.2.x":                    "unexpected character 'x' in the patch version number",
		"a:b/c@1.2.3-":                   "empty identifier segment in the pre-release",
		"a:b/c@1.2.3-01":                 "invalid leading zero in the pre-release",
		"a:b/c@1.2.3+":                   "empty identifier segment in the build metadata",
		"a:b/c@1.2.3+a_b":                "unexpected character '_'",
		"a:b/c@99999999999999999999.0.0": "number too large",
		"url=<https://x>":                "withdrawn form",
		"unlocked-dep=<a:b@{*}>":         "withdrawn form",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): got error %v, want %q", text, err, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	unique := []string{"foo", "foo-bar", "[constructor]foo", "[method]foo.bar", "[static]foo.baz", "foo:bar/baz"}
	seen := map[string]string{}
	for _, s := range unique {
		c := Canonical(s)
		if prev, dup := seen[c]; dup {
			t.Errorf("%q conflicts with %q", s, prev)
		}
		seen[c] = s
	}
	for s, want := range map[string]string{
		"FOO": "foo", "foo-BAR": "foo-bar", "[constructor]FOO": "[constructor]foo", "[method]foo.BAR": "[method]foo.bar",
		"[static]foo.bar": "[method]foo.bar", "[method]foo.baz": "[static]foo.baz", "[method]foo.foo": "foo",
		"[static]foo-BAR.FOO-bar": "foo-bar", "foo:bar/BAZ": "foo:bar/baz",
	} {
		if got := seen[Canonical(s)]; got != want {
			t.Errorf("%q conflicts with %q, want %q", s, got, want)
		}
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct{ version, canonical, suffix, track string }{
		{"1.2.3", "1", ".2.3", "1"},
		{"12.0.0+b", "12", ".0.0+b", "12"},
		{"0.2.6", "0.2", ".6", "0.2"},
		{"0.2.6-rc.1", "0.2", ".6-rc.1", "0.2.6-rc.1"},
		{"0.0.1-alpha", "0.0.1", "-alpha", "0.0.1-alpha"},
		{"0.0.7", "0.0.7", "", "0.0.7"},
		{"0.0.0", "0.0.0", "", "0.0.0"},
		{"1", "1", "", "1"},
		{"0.2", "0.2", "", "0.2"},
	} {
		canonical, suffix, err := Split(c.version)
		if err != nil || canonical != c.canonical || suffix != c.suffix {
			t.Errorf("Split(%q) = %q, %q, %v; want %q, %q", c.version, canonical, suffix, err, c.canonical, c.suffix)
		}
		if got := Track(c.version); got != c.track {
			t.Errorf("Track(%q) = %q, want %q", c.version, got, c.track)
		}
	}
	if got := Track("nonsense"); got != "nonsense" {
		t.Errorf("Track of no version: %q", got)
	}
	for _, s := range []string{"", "0", "0.0", "01", "1.2", "0.0.0.1", "00.1", "1a"} {
		if IsCanonicalVersion(s) {
			t.Errorf("%q taken for a canonical version", s)
		}
	}
}

func TestCheckVersionSuffix(t *testing.T) {
	for _, c := range []struct{ version, suffix, err string }{
		{"1", ".2.3", ""},
		{"0.2", ".6-rc.1", ""},
		{"0.0.1", "", ""},
		{"0.0.1", "-alpha+b", ""},
		{"1", "", "is not a valid version"},
		{"0.2", ".x", "is not a valid version"},
		{"1.2.3", "", "canonical version"},
		{"", ".1", "canonical version"},
	} {
		err := CheckVersionSuffix(c.version, c.suffix)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("CheckVersionSuffix(%q, %q): %v, want %q", c.version, c.suffix, err, c.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a", "[method]r.m", "ns:pkg/i@0.2.1-rc.1+b", "[constructor]A", "a:b/c@1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err != nil {
			return
		}
		written := map[Kind]string{
			Label: n.Label, Constructor: "[constructor]" + n.Resource, Method: "[method]" + n.Resource + "." + n.Label,
			Static: "[static]" + n.Resource + "." + n.Label, Interface: n.ID(),
		}[n.Kind]
		if n.Version != "" {
			written += "@" + n.Version
			canonical, suffix, err := Split(n.Version)
			if err != nil || canonical+suffix != n.Version || !IsCanonicalVersion(canonical) {
				t.Errorf("Split(%q) = %q, %q, %v", n.Version, canonical, suffix, err)
			}
		}
		if written != s {
			t.Errorf("%q parses to %+v, which writes as %q", s, n, written)
		}
	})
}
