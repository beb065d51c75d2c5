package witsyntax

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var samePositions = cmp.Options{cmpopts.IgnoreTypes(Pos{}), cmpopts.EquateEmpty()}

// roundTrip parses, prints and parses again, and expects the same tree.
func roundTrip(t *testing.T, name string, src []byte) {
	t.Helper()
	f, errs := Parse(name, src)
	for _, err := range errs {
		t.Error(err)
	}
	again, errs := Parse(name, []byte(print(f)))
	for _, err := range errs {
		t.Errorf("printed: %v\n%s", err, print(f))
	}
	if d := cmp.Diff(f, again, samePositions); d != "" {
		t.Errorf("printed and parsed again (-before +after):\n%s", d)
	}
}

func TestRoundTrip(t *testing.T) {
	files, err := filepath.Glob("testdata/*.wit")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/*.wit: %d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, name, src)
		})
	}
}

// TestEveryNode checks that every kind of node occurs in the files of testdata, so that all are tested.
func TestEveryNode(t *testing.T) {
	var text strings.Builder
	files, _ := filepath.Glob("testdata/*.wit")
	for _, name := range files {
		src, _ := os.ReadFile(name)
		f, _ := Parse(name, src)
		text.WriteString(print(f))
	}
	for k := range keywords {
		if k != "from" && !strings.Contains(text.String(), k) { // "from" is reserved, and begins nothing
			t.Errorf("keyword `%s` is in no file of testdata", k)
		}
	}
	for _, s := range []string{"@since", "@unstable", "@deprecated", "@external-id", "static async func", "list<u8, 4>",
		"result<_, ", "with {", ") -> result<", "package nested:ns:pkg/sub", " as ", "///", "%interface"} {
		if !strings.Contains(text.String(), s) {
			t.Errorf("%q is in no file of testdata", s)
		}
	}
}

func TestTree(t *testing.T) {
	src := `package a:b@1.2.3-rc.1+x;
use c:d/e@0.2.0 as f;
interface i { use f.{t as u}; g: async func(%type: u) -> result<_, list<u8, 4>>; }
world w { import i; export n: c:d/e@0.2.0; include c:d/w@0.2.0 with { x as y } }`
	got, errs := Parse("x.wit", []byte(src))
	if errs != nil {
		t.Fatal(errs)
	}
	version := func(s ...string) *PackageName {
		return &PackageName{Namespaces: []string{s[0]}, Names: []string{s[1]}, Version: s[2]}
	}
	want := &File{Name: "x.wit", Package: &PackageDecl{Name: *version("a", "b", "1.2.3-rc.1+x")}, Items: []Item{
		&TopUse{Path: UsePath{Package: version("c", "d", "0.2.0"), Name: "e"}, As: "f"},
		&Interface{Name: "i", Items: []InterfaceItem{
			&Use{Path: UsePath{Name: "f"}, Names: []Rename{{Name: "t", As: "u"}}},
			&Func{Name: "g", Type: FuncType{Async: true, Params: []Field{{Name: "type", Type: &Type{Name: "u"}}},
				Result: &Type{Name: "result", Builtin: true, Args: []*Type{nil, {Name: "list", Builtin: true,
					Args: []*Type{{Name: "u8", Builtin: true}}, Length: 4}}}}},
		}},
		&World{Name: "w", Items: []WorldItem{
			&Extern{Path: &UsePath{Name: "i"}},
			&Extern{Export: true, Name: "n", Path: &UsePath{Package: version("c", "d", "0.2.0"), Name: "e"}},
			&Include{Path: UsePath{Package: version("c", "d", "0.2.0"), Name: "w"}, With: []Rename{{Name: "x", As: "y"}}},
		}},
	}}
	if d := cmp.Diff(want, got, samePositions); d != "" {
		t.Errorf("tree (-want +got):\n%s", d)
	}
	if p := got.Items[3-1].(*World).Items[1].(*Extern).Path.Pos; p != (Pos{Offset: strings.Index(src, "c:d/e@0.2.0;"), Line: 4, Col: 31}) {
		t.Errorf("position of a path: %+v", p)
	}
	if s := got.Items[0].(*TopUse).Path.String(); s != "c:d/e@0.2.0" {
		t.Errorf("path writes as %s", s)
	}
}

// The colon of an import is part of a path or separates a name from its type (WIT.md, "Item: world").
func TestExternNames(t *testing.T) {
	for src, want := range map[string]Extern{
		"import a;":             {Path: &UsePath{Name: "a"}},
		"import a: b;":          {Name: "a", Path: &UsePath{Name: "b"}},
		"import a:b/c;":         {Path: &UsePath{Package: &PackageName{[]string{"a"}, []string{"b"}, ""}, Name: "c"}},
		"import a: b:c/d;":      {Name: "a", Path: &UsePath{Package: &PackageName{[]string{"b"}, []string{"c"}, ""}, Name: "d"}},
		"import a:b:c/d;":       {Path: &UsePath{Package: &PackageName{[]string{"a", "b"}, []string{"c"}, ""}, Name: "d"}},
		"import a:b/c/d@1.0.0;": {Path: &UsePath{Package: &PackageName{[]string{"a"}, []string{"b", "c"}, "1.0.0"}, Name: "d"}},
		"import a:func();":      {Name: "a", Func: &FuncType{}},
		"import a: interface{}": {Name: "a", Interface: &Interface{}},
	} {
		f, errs := Parse("x", []byte("world w {"+src+"}"))
		if errs != nil {
			t.Errorf("%s: %v", src, errs)
			continue
		}
		if d := cmp.Diff(&want, f.Items[0].(*World).Items[0].(*Extern), samePositions); d != "" {
			t.Errorf("%s (-want +got):\n%s", src, d)
		}
	}
}

func TestErrors(t *testing.T) {
	for src, want := range map[string]string{
		"package a;":                              "1:10: expected `:`, found `;`",
		"package a:b":                             "1:12: expected `;` or `{`, found the end of the file",
		"package a:b@1.0;":                        "1:13: `1.0` is not a semantic version",
		"package a:b@01.0.0;":                     "is not a semantic version",
		"package a:b; package c:d;":               "1:14: the file already names its package, a:b",
		"interface i {} package a:b;":             "must come first",
		"package a:b { package c:d {} }":          "a package cannot be declared inside of another",
		"interface record {}":                     "1:11: expected the interface's name, found keyword `record`: write `%record`",
		"interface i { f: func() }":               "1:25: expected `;`, found `}`",
		"interface i { x: u32; }":                 "expected `func`, found keyword `u32`",
		"interface i {":                           "1:14: expected `}`, found the end of the file",
		"interface i { f: func(":                  "expected a parameter, found the end of the file",
		"interface i { record r {} }":             "record `r` is empty",
		"interface i { type t = list<>; }":        "`list` needs 1 types, found 0",
		"interface i { type t = list<u8, 0>; }":   "length of a list must be between",
		"interface i { type t = map<f32, u8>; }":  "the key of a `map`",
		"interface i { type t = result<_>; }":     "expected `,` and the type of errors",
		"interface i { type t = borrow<u8>; }":    "takes the name of a resource",
		"interface i { type t = option<u8,u8>; }": "takes 1 types, found 2",
		"interface i { type T-x = u8 }":           "expected `;`",
		"interface aB {}":                         "1:11: `aB` is not in kebab case",
		"interface a--b {}":                       "is not in kebab case",
		"interface % {}":                          "expected an identifier after `%`",
		"interface i { resource r { constructor(); constructor(); } }": "second constructor",
		"interface i { @since(version = 1) f: func(); }":               "`1` is not a semantic version",
		"interface i { @unstable(version = x) f: func(); }":            "expected `feature`",
		"interface i { @later f: func(); }":                            "expected `(`",
		"interface i { @later(x = 1) f: func(); }":                     "unknown annotation `@later`",
		"@since(version = 1.0.0) use a:b/c;":                           "a top-level `use` cannot have a gate",
		"@external-id(\"x\") interface i {}":                           "@external-id belongs to",
		"world w { import a:b; }":                                      "a package alone cannot be used",
		"world w { f: func(); }":                                       "expected an `import`, `export`, `include`, `use` or type",
		"world w { import f: u32; }":                                   "expected `func`, `interface` or the name of an interface",
		"world w { include x with { a } }":                             "expected `as`",
		"use a:b/c.{d};":                                               "expected `;`, found `.`",
		"interface i { use a; }":                                       "expected `.`",
		"interface i { use a.{}; }":                                    "expected a name, found `}`",
		"/* /* */ interface i {}":                                      "1:1: the comment has no end",
		"// \u202e\n":                                                  "bidirectional override U+202E",
		"/// \x01\n":                                                   "control code U+0001",
		"// \u0149\n":                                                  "deprecated by Unicode",
		"interface \xff {}":                                            "not valid UTF-8",
		"interface é {}":                                               "unexpected character 'é'",
		"world w { @external-id(\"\\q\") import f: func(); }":          "unknown escape `\\q`",
		"world w { @external-id(\"a\n\") import f: func(); }":          "the string has no end on its line",
		"world w { @external-id(\"\\ff\") import f: func(); }":         "the string is not valid UTF-8",
		"world w { @external-id(\"\\u{d800}\") import f: func(); }":    "expected a Unicode scalar value",
		"}": "expected `package`, `use`, `interface` or `world`, found `}`",
		"interface i { type t = " + strings.Repeat("list<", 300) + "u8" + strings.Repeat(">", 300) + "; }": "types nest deeper than 200",
	} {
		_, errs := Parse("x.wit", []byte(src))
		if len(errs) == 0 {
			t.Errorf("%.60q: no error, want %q", src, want)
			continue
		}
		if !strings.Contains(errs[0].Error(), want) {
			t.Errorf("%.60q: %v, want %q", src, errs[0], want)
		}
	}
}

// TestRecovery checks that an error loses only the item that contains it.
func TestRecovery(t *testing.T) {
	f, errs := Parse("x.wit", []byte(`package a:b;
interface i { f: func(; g: func(); record r { x: }  h: func(); use q.{z}; }
interface broken nonsense { a: b { } }
world w { import ; import d:e/f; export }
use g:h/k
world v { import l:m/n; }
`))
	if len(errs) != 6 {
		t.Errorf("%d errors, want 6: %v", len(errs), errs)
	}
	var got []string
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Interface:
			for _, x := range it.Items {
				got = append(got, it.Name+" "+reflect.TypeOf(x).Elem().Name())
			}
		case *World:
			for _, x := range it.Items {
				got = append(got, it.Name+" "+x.(*Extern).Path.String())
			}
		}
	}
	want := []string{"i Func", "i Func", "i Use", "w d:e/f", "v l:m/n"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("items that were read (-want +got):\n%s\n%v", d, errs)
	}
	if _, errs := Parse("x", []byte(strings.Repeat("interface i { ; }\n", 100))); len(errs) != MaxErrors {
		t.Errorf("%d errors reported, want %d", len(errs), MaxErrors)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.wit")
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tree, errs := Parse("x", src)
		for _, err := range errs {
			if err.Pos.Offset < 0 || err.Pos.Offset > len(src) || err.Pos.Line < 1 || err.Pos.Col < 1 {
				t.Errorf("position %+v of %v", err.Pos, err)
			}
		}
		if errs == nil {
			roundTrip(t, "x", src)
		}
		_ = tree
	})
}
