package sections

import (
	"bytes"
	"testing"
)

func TestRead(t *testing.T) {
	module := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	named := AppendCustom(bytes.Clone(module), "x", []byte{7, 8})
	inside := append([]byte{0, 'a', 's', 'm', 0x0d, 0, 1, 0, CoreModule, byte(len(named))}, named...)
	for _, c := range []struct {
		name     string
		bytes    []byte
		ok       bool
		sections int
	}{
		{"empty", nil, false, 0},
		{"preamble", module, true, 0},
		{"custom", named, true, 1},
		{"component", inside, true, 1},
		{"cut", named[:len(named)-1], false, 0},
		{"no length", append(bytes.Clone(module), 0), false, 0},
	} {
		f, ok := Read(c.bytes)
		if ok != c.ok || ok && len(f.Sections) != c.sections {
			t.Errorf("%s: %d sections, %v", c.name, len(f.Sections), ok)
		}
	}
	f, _ := Read(inside)
	if !f.Contains(&f.Sections[0]) {
		t.Fatal("a core module is not contained")
	}
	inner, _ := Read(f.Sections[0].Content)
	if name, content, ok := inner.Sections[0].Custom(); name != "x" || !bytes.Equal(content, []byte{7, 8}) || !ok {
		t.Errorf("%q %v %v", name, content, ok)
	}
	if inner.Contains(&inner.Sections[0]) {
		t.Error("a custom section contains a module")
	}
	for _, bad := range []Section{{ID: CoreModule}, {ID: Custom}, {ID: Custom, Content: []byte{5, 'x'}}} {
		if name, _, ok := bad.Custom(); ok {
			t.Errorf("%v has the name %q", bad, name)
		}
	}
}
