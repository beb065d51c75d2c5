// Package dwarf makes the debug information of a fused module of that of the modules that it is made of. In WebAssembly a
// DWARF address is an offset in the content of the code section ("DWARF for WebAssembly", "Code addresses"), and fusing moves,
// copies and removes code. The stages that write code note where it comes from (package origin); with that,
//
//   - line tables are written anew: the code of the output, function by function, asks for the lines of its origin, so code that
//     was copied into another function has its own file and line there, too;
//   - lists of ranges and of locations are written anew;
//   - entries are changed in place: addresses, offsets in sections, numbers of globals. Abbreviations and strings follow one
//     another.
//
// What the output does not contain any more is at the tombstone, the greatest address, which readers skip. Nothing describes code
// that it does not belong to: where an address cannot be followed, the range or location is left out.
//
// Left out are indices that can be made again (.debug_names, .debug_pubnames, .debug_pubtypes) and macros. .debug_aranges is
// made for all units. Section numbers in comments are those of the DWARF standard, version 5.
package dwarf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/origin"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/scan"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// Source is an instance of a module that has become part of the output, as in draft.Module.Sources.
type Source struct {
	Name string // path of the core instance
	Code *corewasm.Module
	// Global returns the index in the output of a global of Code, or false if the output does not have it.
	Global func(index uint32) (uint32, bool)
}

// Problem says why the debug information of a source is left out.
type Problem struct {
	Source string // its Name
	Err    error
}

// prefix begins the names of the sections with debug information.
const prefix = ".debug_"

// Foreign are sections that describe a module's code in another file, by offsets that fusing changes.
var Foreign = []string{"external_debug_info", "sourceMappingURL"}

// Has reports whether a module has debug information.
func Has(m *corewasm.Module) bool {
	return slices.ContainsFunc(m.Customs, func(c corewasm.Custom) bool { return strings.HasPrefix(c.Name, prefix) })
}

// Sections returns the debug sections of a module. traces say where the code of each function that it defines comes from, by
// the numbers of the sources. A source whose debug information is malformed, or of a kind that cannot be followed, is left out.
func Sections(m *corewasm.Module, traces []origin.Trace, sources []Source) (out []corewasm.Custom, problems []Problem, err error) {
	code, err := layOut(m, traces)
	if err != nil {
		return nil, nil, err
	}
	w := &writer{code: code, mentions: mentions(code, len(sources)), sections: map[string][]byte{}, shared: map[*corewasm.Module]shared{}}
	for i := range sources {
		s := &sources[i]
		if !Has(s.Code) {
			continue
		}
		if err := w.source(int32(i), s); err != nil {
			problems = append(problems, Problem{s.Name, err})
		}
	}
	for _, name := range order {
		if b := w.sections[name]; len(b) > 0 {
			out = append(out, corewasm.Custom{Name: prefix + name, Bytes: b})
		}
	}
	return out, problems, nil
}

// order is that of the sections in the output.
var order = []string{"info", "types", "abbrev", "line", "line_str", "str", "str_offsets", "addr", "aranges", "ranges", "rnglists", "loc", "loclists"}

// function is a function of the output. Offsets are addresses.
type function struct {
	start, code, end uint64 // of its body, of the code in it, and its end
	trace            *origin.Trace
}

// layOut returns where the functions that a module defines are in its code section.
func layOut(m *corewasm.Module, traces []origin.Trace) ([]function, error) {
	bodies, err := scan.Encoded(m)
	if err != nil {
		return nil, err
	}
	if len(bodies) != len(traces) {
		return nil, fmt.Errorf("%d functions have %d traces", len(bodies), len(traces))
	}
	out := make([]function, len(bodies))
	at := uint64(leb128.Size(uint64(len(bodies))))
	for i, b := range bodies {
		_, code, err := scan.Locals(b)
		if err != nil {
			return nil, err
		}
		at += uint64(leb128.Size(uint64(len(b))))
		end := at + uint64(len(b))
		out[i] = function{at, end - uint64(len(code)), end, &traces[i]}
		at = end
	}
	return out, nil
}

// mentions returns the functions of the output that have code of each source.
func mentions(code []function, sources int) [][]*function {
	out := make([][]*function, sources)
	add := func(f *function, source int32) {
		if source < 0 || int(source) >= sources {
			return
		}
		if of := out[source]; len(of) == 0 || of[len(of)-1] != f {
			out[source] = append(of, f)
		}
	}
	for i := range code {
		f := &code[i]
		add(f, f.trace.Body.Source)
		for _, m := range f.trace.Marks {
			add(f, m.Body.Source)
		}
	}
	return out
}

// writer collects the sections of the output.
type writer struct {
	code     []function
	mentions [][]*function
	sections map[string][]byte // without prefix
	shared   map[*corewasm.Module]shared
}

// shared are the offsets in the output of sections that all instances of a module share, because they contain no addresses.
type shared struct{ str, lineStr, abbrev uint64 }

// source adds the debug information of a source. After an error nothing is added.
func (w *writer) source(number int32, s *Source) (err error) {
	in := &input{places: newPlaces(number, s.Code, w.mentions[number]), global: s.Global, sections: map[string][]byte{}, out: map[string][]byte{}, base: map[string]uint64{}}
	for _, c := range s.Code.Customs {
		name, ok := strings.CutPrefix(c.Name, prefix)
		if !ok {
			continue
		}
		if _, again := in.sections[name]; again {
			return fmt.Errorf("there are two sections %s", c.Name)
		}
		in.sections[name] = c.Bytes
		in.work += rereads * len(c.Bytes)
	}
	for name, b := range w.sections {
		in.base[name] = uint64(len(b))
	}
	sh, known := w.shared[s.Code]
	if !known {
		sh = shared{in.base["str"], in.base["line_str"], in.base["abbrev"]}
	}
	in.shared = sh
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *malformed:
			err = p
		default:
			panic(p)
		}
	}()
	in.follow()
	if !known {
		w.shared[s.Code] = sh
		for _, name := range []string{"str", "line_str", "abbrev"} {
			in.out[name] = in.sections[name]
		}
	}
	for name, b := range in.out {
		w.sections[name] = append(w.sections[name], b...)
	}
	return nil
}

// malformed is the panic of a reader, which source recovers.
type malformed struct {
	section string
	offset  int
	msg     string
}

func (e *malformed) Error() string {
	return fmt.Sprintf("section %s%s, offset 0x%x: %s", prefix, e.section, e.offset, e.msg)
}
