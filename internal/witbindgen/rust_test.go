package witbindgen

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const rustWIT = `package a:b;

interface i {
  flags f { x, y }
  enum e { x, y }
  record point { x: u32, name: string }
  variant v { none, some(point) }
  resource r {
    constructor(s: string, p: list<point>);
    open: static func(v: v) -> result<r, e>;
    size: func(f: f, other: borrow<r>, rs: list<r>) -> u64;
  }
  count: func(words: list<string>, flat: list<u8>, c: char, b: bool) -> map<string, f32>;
  merge: func(m: map<u8, list<string>>) -> f64;
}

interface names { record name { first: string } greet: func(n: name); find: func() -> name; }
world user { import names; }
world both { import i; export i; import log: func(s: string); export main: func() -> list<string>; }
`

// What generated modules name of the crate wit-bindgen is in the one that stands for it in crates of wasm_rust_module.
func TestRustRuntime(t *testing.T) {
	files, err := Generate(t.Context(), Rust, binary(t, rustWIT), "both", "derive=PartialOrd", "derive-ignore=v")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0].Name != "both.rs" {
		t.Fatalf("%d files", len(files))
	}
	source, err := os.ReadFile("../../rules/rust/wit_bindgen.rs")
	if err != nil {
		t.Fatal(err)
	}
	module := string(files[0].Content)
	if strings.Count(module, "PartialOrd)]\n") == 0 {
		t.Error("nothing derives PartialOrd")
	}
	names := map[string]bool{}
	for _, found := range regexp.MustCompile(`\bwit_bindgen::(rt::(?:\w+::)*\w+!?)`).FindAllStringSubmatch(module, -1) {
		names[found[1]] = true
	}
	for _, want := range []string{"rt::Cleanup::new", "rt::Resource", "rt::WitMap::wit_map_new", "rt::bitflags::bitflags!", "rt::run_ctors_once"} {
		if !names[want] {
			t.Errorf("the module does not use %s", want)
		}
	}
	for path := range names {
		for name := range strings.SplitSeq(path, "::") {
			item := `(fn|mod|struct|trait|type) ` + name + `\b`
			if macro, ok := strings.CutSuffix(name, "!"); ok {
				item = `macro_rules! ` + macro + `\b`
			}
			if !regexp.MustCompile(item).Match(source) {
				t.Errorf("%s is not in rules/rust/wit_bindgen.rs, for want of %s", path, name)
			}
		}
	}
}

// Macros expand among types of WIT, which can have the names of the prelude's.
func TestRustMacroPaths(t *testing.T) {
	source, err := os.ReadFile("../../rules/rust/wit_bindgen.rs")
	if err != nil {
		t.Fatal(err)
	}
	_, macros, ok := strings.Cut(string(source), "macro_rules! bitflags")
	if !ok {
		t.Fatal("there is no macro bitflags")
	}
	macros = regexp.MustCompile(`(?m)//.*$`).ReplaceAllString(macros, "")
	for _, found := range regexp.MustCompile(`(?:^|[^:\w$])((?:Option|Some|None|Iterator|IntoIterator|Extend|FromIterator|Vec|String|Result|Ok|Err|Default|Clone|From|Into)\b|(?:into_iter|filter|map|next|from|into|clone)\()`).FindAllStringSubmatch(macros, -1) {
		t.Errorf("%s is not an absolute path", found[1])
	}
}

func TestRustOwnership(t *testing.T) {
	b := binary(t, rustWIT)
	for ownership, want := range map[string]string{
		"owning":                           "pub struct Name {",
		"borrowing":                        "pub struct Name {", // because find returns one
		"borrowing-duplicate-if-necessary": "pub struct NameParam<'a,> {",
	} {
		files, err := Generate(t.Context(), Rust, b, "user", "ownership="+ownership)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(files[0].Content), want) {
			t.Errorf("%s: want %q in:\n%s", ownership, want, files[0].Content)
		}
	}
}
