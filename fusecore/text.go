// This file implements the values of options as text.

package fusecore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
)

// The texts of the values of options, which are those of the command line.
var (
	emitTexts     = []string{EmitComponent: "component", EmitModule: "module"}
	memoryTexts   = []string{MultiMemory: "multi", SingleMemory: "single"}
	abiTexts      = []string{WITNames: "wit", CM32P2: "cm32p2"}
	wasiTexts     = []string{ImportWASI: "host", Preview1: "preview1"}
	optimizeTexts = []string{OptimizeSpeed: "speed", OptimizeSize: "size", OptimizeNone: "none"}
	dwarfTexts    = []string{StripDWARF: "strip", KeepDWARF: "keep"}
	stripTexts    = []string{StripNothing: "none", StripNames: "names", StripAll: "all"}
)

// text returns the text of a value.
func text[T ~uint8](v T, texts []string) ([]byte, error) {
	if int(v) >= len(texts) {
		return nil, fmt.Errorf("no text for the value %d", v)
	}
	return []byte(texts[v]), nil
}

// parse sets a value to that with a text.
func parse[T ~uint8](v *T, b []byte, texts []string) error {
	i := slices.Index(texts, string(b))
	if i < 0 {
		last := len(texts) - 1
		return fmt.Errorf("%q is not a value: the values are %s and %s", diag.Clean(string(b)), strings.Join(texts[:last], ", "), texts[last])
	}
	*v = T(i)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (e Emit) MarshalText() ([]byte, error) { return text(e, emitTexts) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *Emit) UnmarshalText(b []byte) error { return parse(e, b, emitTexts) }

// MarshalText implements encoding.TextMarshaler.
func (m MemoryMode) MarshalText() ([]byte, error) { return text(m, memoryTexts) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *MemoryMode) UnmarshalText(b []byte) error { return parse(m, b, memoryTexts) }

// MarshalText implements encoding.TextMarshaler.
func (a ABI) MarshalText() ([]byte, error) { return text(a, abiTexts) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *ABI) UnmarshalText(b []byte) error { return parse(a, b, abiTexts) }

// MarshalText implements encoding.TextMarshaler.
func (w WASI) MarshalText() ([]byte, error) { return text(w, wasiTexts) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *WASI) UnmarshalText(b []byte) error { return parse(w, b, wasiTexts) }

// MarshalText implements encoding.TextMarshaler.
func (o Optimize) MarshalText() ([]byte, error) { return text(o, optimizeTexts) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *Optimize) UnmarshalText(b []byte) error { return parse(o, b, optimizeTexts) }

// MarshalText implements encoding.TextMarshaler.
func (s Strip) MarshalText() ([]byte, error) { return text(s, stripTexts) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Strip) UnmarshalText(b []byte) error { return parse(s, b, stripTexts) }

// MarshalText implements encoding.TextMarshaler.
func (d DWARF) MarshalText() ([]byte, error) { return text(d, dwarfTexts) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *DWARF) UnmarshalText(b []byte) error { return parse(d, b, dwarfTexts) }
