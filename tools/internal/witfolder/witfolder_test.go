package witfolder

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const binary = "../../../fusecore/iface/testdata/package.wasm" // a:b@1.0.0, which uses d:d/x@0.1.0

func TestRead(t *testing.T) {
	dir := t.TempDir()
	text := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	main := "m.wit=" + text("m.wit", "package m:m;")
	for _, c := range []struct {
		name, root string
		list, want []string
		has        string // in deps/ab/package.wit
		lacks      string
	}{
		{name: "text alone", list: []string{main}, root: "wit", want: []string{"wit/m.wit"}},
		{name: "binary among deps", list: []string{main, "deps/ab.wasm=" + binary}, root: "wit", want: []string{"wit/deps/ab.wasm", "wit/m.wit"}},
		{name: "the package itself", list: []string{"package.wasm=" + binary, "deps/x/x.wit=" + text("x.wit", "package d:d@0.1.0;")},
			root: "wit/package.wasm", want: []string{"wit/deps/x/x.wit", "wit/package.wasm"}},
		{name: "what it uses is there as text", list: []string{main, "deps/ab.wasm=" + binary, "deps/d/d.wit=" + text("d.wit", "package d:d@0.1.0;")},
			root: "wit", want: []string{"wit/deps/ab/package.wit", "wit/deps/d/d.wit", "wit/m.wit"}, has: "package a:b@1.0.0;", lacks: "package d:d"},
		{name: "another version of what it uses", list: []string{main, "deps/ab.wasm=" + binary, "deps/d/d.wit=" + text("e.wit", "package d:d@0.2.0;")},
			root: "wit", want: []string{"wit/deps/ab.wasm", "wit/deps/d/d.wit", "wit/m.wit"}},
	} {
		folder, err := Read(c.list)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for name := range folder.Files {
			got = append(got, name)
		}
		slices.Sort(got)
		if folder.Root != c.root || !slices.Equal(got, c.want) {
			t.Errorf("%s: root %s, files %v; want %s, %v", c.name, folder.Root, got, c.root, c.want)
		}
		if f := folder.Files["wit/deps/ab/package.wit"]; c.has != "" && (!strings.Contains(string(f), c.has) || strings.Contains(string(f), c.lacks)) {
			t.Errorf("%s: the text is\n%s", c.name, f)
		}
	}
	if _, err := Read([]string{main, main}); err == nil || !strings.Contains(err.Error(), "two files of the WIT folder") {
		t.Errorf("one place twice: %v", err)
	}
	if _, err := Read([]string{"deps/x.wasm=" + text("x.wasm", "no")}); err == nil {
		t.Error("no error for what is no binary")
	}
}

func TestLocate(t *testing.T) {
	f := &Folder{hosts: map[string]string{"wit/a.wit": "x/a.wit", "wit/deps/d/a.wit": "y/a.wit", "wit/a.wit.more.wit": "z"}}
	if got, want := f.Locate("--> /wit/a.wit:3:9, /wit/deps/d/a.wit:1:1, /wit/a.wit.more.wit, in /wit/deps/d: no, /wit/deps"), "--> x/a.wit:3:9, y/a.wit:1:1, z, in y: no, /wit/deps"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
