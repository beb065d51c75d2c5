package decode_test

import (
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

const (
	preamble   = "\x00asm\x0d\x00\x01\x00"
	coreModule = "\x00asm\x01\x00\x00\x00"
)

// section encodes a section with content shorter than 128 bytes.
func section(id byte, content string) string {
	if len(content) > 127 {
		panic("content too long")
	}
	return string([]byte{id, byte(len(content))}) + content
}

func file(sections ...string) []byte { return []byte(preamble + strings.Join(sections, "")) }

// wantError checks the offset and a part of the message of an error.
func wantError(t *testing.T, err error, offset int64, part string) {
	t.Helper()
	var e *diag.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *diag.Error", err)
	}
	if e.Offset != offset {
		t.Errorf("error at offset %d, want %d: %v", e.Offset, offset, e)
	}
	if !strings.Contains(e.Error(), part) {
		t.Errorf("error %q does not contain %q", e, part)
	}
}

func TestSniff(t *testing.T) {
	for in, want := range map[string]decode.Layer{
		"":                                decode.Neither,
		"\x00asm":                         decode.Neither,
		"\x00asm\x0d\x00\x01":             decode.Neither,
		"\x00asm\x0c\x00\x01\x00":         decode.Neither,
		"\x00asm\x0d\x00\x00\x00":         decode.Neither,
		"(component":                      decode.Neither,
		coreModule:                        decode.CoreModule,
		preamble:                          decode.ComponentFile,
		preamble + "and more of the file": decode.ComponentFile,
	} {
		if got := decode.Sniff([]byte(in)); got != want {
			t.Errorf("Sniff(%q) = %v, want %v", in, got, want)
		}
	}
}

func TestPreamble(t *testing.T) {
	for _, c := range []struct {
		name, in string
		offset   int64
		part     string
	}{
		{"empty", "", 0, "unexpected end"},
		{"short magic", "\x00as", 3, "unexpected end"},
		{"short", "\x00asm\x0d\x00\x01", 7, "unexpected end"},
		{"text", "(component)", 0, "not a WebAssembly binary"},
		{"old version", "\x00asm\x0c\x00\x01\x00", 4, "unknown component version 0xc"},
		{"unknown layer", "\x00asm\x0d\x00\x02\x00", 4, "layer 0x2"},
		{"core module", coreModule, 0, "this is a core module, not a component"},
		{"core module, hint", coreModule, 0, "wasm-tools component new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := decode.Component([]byte(c.in))
			wantError(t, err, c.offset, c.part)
		})
	}
}

func TestOffsets(t *testing.T) {
	data := file(
		section(7, "\x02\x73\x40\x00\x01\x00"),                  // at 8: types at 11 and 12
		section(1, coreModule),                                  // at 16: module at 18
		section(4, preamble+section(6, "\x01\x03\x02\x00\x00")), // at 26: component at 28, alias at 39
		section(0, "\x02hi!"),                                   // at 43: custom section at 45
	)
	c, err := decode.Component(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Bytes) != len(data) || c.Offset != 0 {
		t.Errorf("component of %d bytes at %d, want %d at 0", len(c.Bytes), c.Offset, len(data))
	}
	var got []int64
	for _, d := range c.Defs {
		got = append(got, d.Pos())
	}
	if want := []int64{11, 12, 18, 28, 45}; !reflect.DeepEqual(got, want) {
		t.Fatalf("definitions at %v, want %v", got, want)
	}
	m := c.Defs[2].(*component.CoreModule)
	if m.Module == nil || m.Module.Offset != 18 || string(m.Bytes) != coreModule {
		t.Errorf("core module %+v of bytes % x, want one at 18", m.Module, m.Bytes)
	}
	nested := c.Defs[3].(*component.NestedComponent).Component
	if nested.Offset != 28 || string(nested.Bytes) != string(data[28:43]) {
		t.Errorf("nested component at %d with bytes % x, want it at 28", nested.Offset, nested.Bytes)
	}
	if pos := nested.Defs[0].Pos(); pos != 39 {
		t.Errorf("nested alias at %d, want 39", pos)
	}
	if custom := c.Defs[4].(*component.Custom); custom.Name != "hi" || string(custom.Bytes) != "!" {
		t.Errorf("custom section %q with %q, want hi with !", custom.Name, custom.Bytes)
	}
}

func TestNesting(t *testing.T) {
	types := func(depth int) []byte {
		s := "\x42\x00"
		for range depth - 2 { // the component is one level, and so is the innermost type
			s = "\x42\x01\x01" + s
		}
		content := "\x01" + s
		return file("\x07" + string(leb(len(content))) + content)
	}
	components := func(depth int) []byte {
		s := preamble
		for range depth - 1 {
			s = preamble + "\x04" + string(leb(len(s))) + s
		}
		return []byte(s)
	}
	for name, build := range map[string]func(int) []byte{"types": types, "components": components} {
		t.Run(name, func(t *testing.T) {
			if _, err := decode.Component(build(100)); err != nil {
				t.Errorf("100 levels: %v", err)
			}
			_, err := decode.Component(build(101))
			if err == nil || !strings.Contains(err.Error(), "nested more than 100 levels deep") {
				t.Errorf("101 levels: got error %v, want one about the depth", err)
			}
			if _, err := decode.Component(build(2000)); err == nil {
				t.Error("2000 levels: no error")
			}
		})
	}
}

func leb(n int) []byte {
	var b []byte
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

// TestLowestErrorWins checks that of several errors in core modules and in the structure, the one with the lowest
// offset is returned, however the modules are scheduled.
func TestLowestErrorWins(t *testing.T) {
	bad := coreModule + "\x7f\x00"
	data := file(
		section(1, coreModule),
		section(4, preamble+section(1, coreModule)+section(1, bad)+section(1, bad)),
		section(1, bad),
		section(13, ""),
	)
	for range 50 {
		_, err := decode.Component(data)
		wantError(t, err, 48, "component 0: core module 1")
	}
	_, err := decode.Component(file(section(13, ""), section(1, bad)))
	wantError(t, err, 8, "expected a section id from 0 to 12")
}

// TestCountsDoNotAllocate checks that counts allocate nothing before their elements are decoded, however deeply they
// nest.
func TestCountsDoNotAllocate(t *testing.T) {
	const pad = 1 << 16
	var s strings.Builder
	for range 90 {
		s.WriteString("\x42" + string(leb(pad-1000)) + "\x01") // an instance type with 64536 declarators
	}
	s.WriteString(strings.Repeat("\xff", pad))
	content := "\x01" + s.String()
	data := file("\x07" + string(leb(len(content))) + content)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := decode.Component(data)
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Fatal("no error")
	}
	bytes := after.TotalAlloc - before.TotalAlloc
	if limit := uint64(4 * len(data)); bytes > limit {
		t.Errorf("decoding %d bytes allocated %d bytes, want at most %d", len(data), bytes, limit)
	}
}

func TestNameSection(t *testing.T) {
	const name = "\x0ecomponent-name"
	good := section(0, name+"\x00\x02\x01c"+"\x01\x08\x00\x00\x02\x00\x01f\x03\x00")
	garbage := section(0, name+"\xff\xfe")
	empty := section(0, name)
	for _, c := range []struct {
		label  string
		in     []byte
		name   string
		sorts  []component.SortNames
		custom int
	}{
		{"none", file(), "", nil, 0},
		{"good", file(good), "c", []component.SortNames{{
			Sort: component.SortCore, Core: component.CoreFunc,
			Names: []component.NameAssoc{{Index: 0, Name: "f"}, {Index: 3, Name: ""}},
		}}, 0},
		{"garbage stays", file(garbage), "", nil, 1},
		{"empty stays", file(empty), "", nil, 1},
		{"last good one counts", file(section(0, name+"\x00\x02\x01a"), section(0, name+"\x00\x02\x01b"), garbage),
			"b", nil, 2},
		{"name after sorts is garbage", file(section(0, name+"\x01\x02\x01\x00"+"\x00\x02\x01a")), "", nil, 1},
		{"bytes after a subsection's content", file(section(0, name+"\x00\x03\x01a!")), "", nil, 1},
		{"subsection too long", file(section(0, name+"\x00\x7f\x01a")), "", nil, 1},
	} {
		t.Run(c.label, func(t *testing.T) {
			got, err := decode.Component(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != c.name || !reflect.DeepEqual(got.Names, c.sorts) || len(got.Defs) != c.custom {
				t.Errorf("got name %q, names %v and %d definitions, want %q, %v and %d",
					got.Name, got.Names, len(got.Defs), c.name, c.sorts, c.custom)
			}
			checkRoundTrip(t, got)
		})
	}
}
