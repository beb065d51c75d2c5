package witsyntax

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlain(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"none", " \n// only\n/* comments */\n", ""},
		{"everything", "\ufeff// one\n/// two\npackage a:b@1.0.0; // three\n\n\n/** four\n */\n\tinterface i{\r\n    f: /* /* five */ */ func( x : u32 );\n  }",
			"package a:b@1.0.0;\ninterface i{\nf: func( x : u32 );\n}\n"},
		{"a string with slashes", "@external-id(\"https://x\") // y\ninterface i {}", "@external-id(\"https://x\")\ninterface i {}\n"},
		{"an escaped name", "interface %type  {}", "interface %type {}\n"},
		{"a version", "package a:b@1.0.0-rc.1+b;// x", "package a:b@1.0.0-rc.1+b;\n"},
		{"a bad token", "package a:b; // x\n$", "package a:b;\n$\n"},
		{"a string without end", "package a:b; // x\n\"", "package a:b; // x\n\""},
		{"a comment without end", "package a:b; /* x", "package a:b; /* x"},
	} {
		got := string(Plain([]byte(c.src)))
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if again := string(Plain([]byte(got))); again != got {
			t.Errorf("%s: %q becomes %q", c.name, got, again)
		}
	}
}

// TestPlainParses checks that files without comments have the same tree, but for documentation.
func TestPlainParses(t *testing.T) {
	files, err := filepath.Glob("testdata/*.wit")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/*.wit: %d files, %v", len(files), err)
	}
	undocumented := func(f *File) string { return regexp.MustCompile(`(?m)^\s*///.*\n`).ReplaceAllString(print(f), "") }
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		plain := Plain(src)
		if strings.Contains(string(plain), "//") || strings.Contains(string(plain), "/*") {
			t.Errorf("%s has comments:\n%s", file, plain)
		}
		want, _ := Parse(file, src)
		got, errs := Parse(file, plain)
		for _, err := range errs {
			t.Error(err)
		}
		if d := cmp.Diff(undocumented(want), print(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", file, d)
		}
	}
}
