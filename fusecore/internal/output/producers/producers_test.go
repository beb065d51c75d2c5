package producers

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/sections"
)

const module, component = "\x00asm\x01\x00\x00\x00", "\x00asm\x0d\x00\x01\x00"

// with returns a file with a section.
func with(preamble, content string) []byte {
	return sections.AppendCustom([]byte(preamble), Name, []byte(content))
}

func TestMerge(t *testing.T) {
	clang := with(module, "\x02\x08language\x01\x03C11\x00\x0cprocessed-by\x01\x05clang\x0219")
	newer := with(module, "\x01\x0cprocessed-by\x02\x05clang\x0220\x04wabt\x00")
	nested := append([]byte(component), sections.CoreModule, byte(len(clang)))
	nested = append(nested, clang...)
	nested = append(nested, with("", "\x01\x03sdk\x01\x04Cool\x011")...)
	for _, c := range []struct {
		name    string
		files   [][]byte
		version string
		want    string
	}{
		{"none", nil, "", "\x01\x0cprocessed-by\x01\x08wasmfuse\x00"},
		{"version", [][]byte{[]byte(module)}, "1.0", "\x01\x0cprocessed-by\x01\x08wasmfuse\x031.0"},
		{"one, twice", [][]byte{clang, clang}, "", "\x02\x08language\x01\x03C11\x00\x0cprocessed-by\x02\x05clang\x0219\x08wasmfuse\x00"},
		{"two versions", [][]byte{newer, clang}, "", "\x02\x08language\x01\x03C11\x00\x0cprocessed-by\x03\x05clang\x0619, 20\x04wabt\x00\x08wasmfuse\x00"},
		{"nested", [][]byte{nested}, "", "\x03\x08language\x01\x03C11\x00\x0cprocessed-by\x02\x05clang\x0219\x08wasmfuse\x00\x03sdk\x01\x04Cool\x011"},
		{"fused before", [][]byte{with(component, "\x01\x0cprocessed-by\x01\x08wasmfuse\x010")}, "1", "\x01\x0cprocessed-by\x01\x08wasmfuse\x040, 1"},
		{"malformed", [][]byte{with(module, "\x02\x08language\x01\x03C11\x00"), []byte("text")}, "", "\x01\x0cprocessed-by\x01\x08wasmfuse\x00"},
		{"unknown field", [][]byte{with(module, "\x01\x05color\x01\x03red\x00")}, "", "\x01\x0cprocessed-by\x01\x08wasmfuse\x00"},
	} {
		if got := string(Merge(c.files, "wasmfuse", c.version).Encode()); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
