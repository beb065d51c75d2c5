package witsyntax

import "testing"

func canonical(t *testing.T, sources ...string) string {
	t.Helper()
	var files []*File
	for _, src := range sources {
		f, errs := Parse("x.wit", []byte(src))
		if errs != nil {
			t.Fatal(errs[0])
		}
		files = append(files, f)
	}
	return Canonical(files[0].Package.Name, files)
}

const base = `package a:b@1.0.0;
interface i { use c:d/e@2.0.0.{t, u as v}; record r { x: u8, y: option<list<string>> } f: func(a: r, b: t) -> result<_, v>; }
interface j { resource s { constructor(); g: static func() -> s; } enum e { one, two } }
world w { import i; export k: func(); export n: interface { use i.{r}; h: func() -> r; } include z with { p as q, r as s } }
world z { import p: func(); import r: func(); }`

func TestCanonicalSame(t *testing.T) {
	want := canonical(t, base)
	for name, sources := range map[string][]string{
		"comments and white space": {"// x\n/// doc\npackage a:b@1.0.0;/* y */\n" + base[len("package a:b@1.0.0;"):]},
		"order, and uses apart": {`package a:b@1.0.0;
world z { import r: func(); import p: func(); }
interface j { enum e { one, two, } resource s { g: static func() -> s; constructor(); } }
interface i { f: func(a: r, b: t) -> result<_, v>; use c:d/e@2.0.0.{u as v}; use c:d/e@2.0.0.{t}; record r { x: u8, y: option<list<string>> } }
world w { include z with { r as s, p as q } export n: interface { h: func() -> r; use i.{r}; } export k: func(); import i; }`},
		"two files, top-level uses, full names": {`package a:b@1.0.0; use c:d/e@2.0.0; use i as other;
interface i { use e.{t, u as v}; record r { x: u8, y: option<list<string>> } f: func(a: r, b: t) -> result<_, v>; }
world w { import other; export k: func(); export n: interface { use a:b/i@1.0.0.{r}; h: func() -> r; } include z with { p as q, r as s } }`,
			`interface j { resource s { constructor(); g: static func() -> s; } enum e { one, two } }
world z { import p: func(); import r: func(); }`},
		"gates that are documentation": {`package a:b@1.0.0;
@since(version = 1.0.0)` + base[len("package a:b@1.0.0;"):]},
	} {
		if got := canonical(t, sources...); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestCanonicalDiffers(t *testing.T) {
	pairs := [][2]string{
		{"interface i { f: func(); }", "interface i { g: func(); }"},
		{"interface i { f: func(); }", "interface i { f: async func(); }"},
		{"interface i { f: func(a: u8); }", "interface i { f: func(b: u8); }"},
		{"interface i { f: func() -> u8; }", "interface i { f: func() -> u16; }"},
		{"interface i { f: func() -> result<u8>; }", "interface i { f: func() -> result<_, u8>; }"},
		{"interface i { record r { a: u8, b: u8 } }", "interface i { record r { b: u8, a: u8 } }"},
		{"interface i { enum r { a, b } }", "interface i { flags r { a, b } }"},
		{"interface i { enum r { a, b } }", "interface i { variant r { a, b } }"},
		{"interface i { resource r { f: func(); } }", "interface i { resource r { f: static func(); } }"},
		{"interface i { type t = list<u8>; }", "interface i { type t = list<u8, 4>; }"},
		{"interface i { type string2 = string; }", "interface i { type string2 = %string; type %string = u8; }"},
		{"interface i { use j.{a}; }", "interface i { use k.{a}; }"},
		{"interface i { use j.{a}; }", "interface i { use j.{a as b}; }"},
		{"interface i { use j.{a}; }", "interface i { use x:y/j.{a}; }"},
		{"interface i { f: func(); }", "interface i { @unstable(feature = x) f: func(); }"},
		{"world w { import f: func(); }", "world w { export f: func(); }"},
		{"world w { import i; }", "world w { import i: interface { } }"},
		{"world w { import a: i; }", "world w { import a: j; }"},
		{"world w { include v; }", "world w { include v with { a as b } }"},
		{"world w { include v; }", "world w { import v; }"},
	}
	for _, p := range pairs {
		if canonical(t, "package a:b; "+p[0]) == canonical(t, "package a:b; "+p[1]) {
			t.Errorf("%s is the same as %s", p[0], p[1])
		}
	}
	if canonical(t, "package a:b;") == canonical(t, "package a:b@1.0.0;") {
		t.Error("the version makes no difference")
	}
	if canonical(t, "package a:b; package c:d { interface i {} }") == canonical(t, "package a:b; interface i {}") {
		t.Error("a nested package makes no difference")
	}
}
