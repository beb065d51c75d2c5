package witbindgen

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/internal/componentnew"
)

const wit = `package a:b;

interface i {
  resource r { constructor(s: string); size: func() -> u32; }
  swap: func(s: string, of: r) -> result<list<u8>, string>;
}

world maker { export i; }
world user-of-it { import i; }
`

// binary returns a WIT package in binary form.
func binary(t *testing.T, text string) []byte {
	t.Helper()
	e, err := componentnew.Start(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	b, err := e.Package(t.Context(), "a.wit", map[string][]byte{"a.wit": []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestC(t *testing.T) {
	b := binary(t, wit)
	for _, c := range []struct {
		world, encoding string
		names           []string
		header          []string // parts of it
		err             string
	}{
		{world: "maker", encoding: "utf8", names: []string{"maker.c", "maker.h", "maker_component_type.o"},
			header: []string{"maker_string_t", "uint8_t", "bool exports_a_b_i_swap("}},
		{world: "user-of-it", encoding: "utf16", names: []string{"user_of_it.c", "user_of_it.h", "user_of_it_component_type.o"},
			header: []string{"char16_t", "bool a_b_i_swap(", "a_b_i_constructor_r("}},
		{world: "none", encoding: "utf8", err: "none"},
		{world: "maker", encoding: "utf7", err: "unknown string encoding utf7"},
	} {
		t.Run(c.world+" "+c.encoding, func(t *testing.T) {
			files, err := Generate(t.Context(), C, b, c.world, "encoding="+c.encoding)
			if c.err != "" {
				if !errors.As(err, new(Error)) || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want one that contains %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range files {
				names = append(names, f.Name)
			}
			slices.Sort(names)
			if !slices.Equal(names, c.names) {
				t.Fatalf("files %q, want %q", names, c.names)
			}
			for _, f := range files {
				for _, part := range c.header {
					if strings.HasSuffix(f.Name, ".h") && !strings.Contains(string(f.Content), part) {
						t.Errorf("the header has no %q:\n%s", part, f.Content)
					}
				}
				if strings.HasSuffix(f.Name, ".o") && !strings.HasPrefix(string(f.Content), "\x00asm") {
					t.Errorf("the object file is no module: %q", f.Content)
				}
			}
		})
	}
}

func TestErrors(t *testing.T) {
	b := binary(t, wit)
	for _, c := range []struct {
		name     string
		language Language
		wit      []byte
		option   string
		err      string
	}{
		{name: "no package", language: C, wit: []byte("no package")},
		{name: "language", language: "cobol", wit: b, err: "unknown language cobol"},
		{name: "option", language: Go, wit: b, option: "color=red", err: "unknown option color"},
		{name: "no value", language: Rust, wit: b, option: "derive", err: "the option derive has no value"},
		{name: "ownership", language: Rust, wit: b, option: "ownership=none", err: "unrecognized ownership: `none`"},
		{name: "no path", language: Rust, wit: b, option: "with=a:b/i", err: "a:b/i is not NAME=PATH"},
		{name: "no such interface", language: Rust, wit: b, option: "with=a:b/j=x", err: "unused remappings provided via `with`: [\"a:b/j\"]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var options []string
			if c.option != "" {
				options = []string{c.option}
			}
			_, err := Generate(t.Context(), c.language, c.wit, "maker", options...)
			if !errors.As(err, new(Error)) || !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want one that contains %q", err, c.err)
			}
		})
	}
}

func TestGoAndRust(t *testing.T) {
	b := binary(t, wit)
	for _, c := range []struct {
		language      Language
		world, option string
		files         map[string]string // a part of each
	}{
		{Go, "maker", "package=example.com/x", map[string]string{
			"exports/wit_exports/wit_exports.go":   `"example.com/x/exports/export_a_b_i"`,
			"exports/export_a_b_i/wit_bindings.go": "package export_a_b_i",
			"exports/export_a_b_i/empty.s":         "",
		}},
		{Go, "user-of-it", "package=example.com/x", map[string]string{
			"exports/wit_exports/wit_exports.go": "package wit_exports",
			"imports/a_b_i/wit_bindings.go":      "func Swap(",
			"imports/a_b_i/empty.s":              "",
		}},
		{Rust, "maker", "ownership=owning", map[string]string{"maker.rs": "wit_bindgen::rt::"}},
		{Rust, "user-of-it", "ownership=owning", map[string]string{"user_of_it.rs": "pub fn swap("}},
		{Rust, "user-of-it", "with=a:b/i=x::y", map[string]string{"user_of_it.rs": "use x::y as"}},
	} {
		t.Run(string(c.language)+" "+c.world, func(t *testing.T) {
			files, err := Generate(t.Context(), c.language, b, c.world, c.option)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				part, ok := c.files[f.Name]
				if !ok || !strings.Contains(string(f.Content), part) {
					t.Errorf("%s, want one that contains %q:\n%s", f.Name, part, f.Content)
				}
			}
			if len(files) != len(c.files) {
				t.Errorf("%d files, want %d", len(files), len(c.files))
			}
		})
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		out  string
		want []string // names and contents
		err  bool
	}{
		{out: ""},
		{out: "a\n0\nb\n3\n\n1\n", want: []string{"a", "", "b", "\n1\n"}},
		{out: "a\n4\nabc", err: true},
		{out: "a\n-1\nabc", err: true},
		{out: "a\nx\n", err: true},
		{out: "a", err: true},
	} {
		files, err := split([]byte(c.out))
		var got []string
		for _, f := range files {
			got = append(got, f.Name, string(f.Content))
		}
		if c.err != (err != nil) || err == nil && !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, %v; want %q", c.out, got, err, c.want)
		}
	}
}

// TestPanics checks that what the generator does not support is an error about the world.
func TestPanics(t *testing.T) {
	lists := binary(t, "package a:b; interface i { f: func(a: list<u8, 4>); } world w { import i; }")
	for language, want := range map[Language]string{
		C:  "wit-bindgen generates no bindings in C of this world: ",
		Go: "wit-bindgen generates no bindings in Go of this world: not yet implemented: FixedLengthList(U8, 4)",
	} {
		_, err := Generate(t.Context(), language, lists, "w")
		if !errors.As(err, new(Error)) || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "RUST_BACKTRACE") {
			t.Errorf("%s: %v, want %q", language, err, want)
		}
	}
}
