package component

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
)

func TestAdds(t *testing.T) {
	group := func(n int) *CoreType {
		return &CoreType{Rec: &corewasm.RecGroup{Types: make([]corewasm.SubType, n)}}
	}
	imported := func(k ExternKind) *Import { return &Import{Type: ExternType{Kind: k}} }
	for _, c := range []struct {
		name  string
		def   Def
		space Space
		n     uint32
	}{
		{"core module", &CoreModule{}, SpaceCoreModule, 1},
		{"core instance", &CoreInstance{}, SpaceCoreInstance, 1},
		{"lone core type", group(1), SpaceCoreType, 1},
		{"recursion group", group(3), SpaceCoreType, 3},
		{"empty recursion group", group(0), SpaceCoreType, 0},
		{"module type", &CoreType{Module: &ModuleType{}}, SpaceCoreType, 1},
		{"component", &NestedComponent{}, SpaceComponent, 1},
		{"instance", &Instance{}, SpaceInstance, 1},
		{"alias of a core table", &Alias{Core: CoreTable}, SpaceCoreTable, 1},
		{"alias of a core tag", &Alias{Core: CoreTag}, SpaceCoreTag, 1},
		{"alias of a module", &Alias{Core: CoreModSort}, SpaceCoreModule, 1},
		{"alias of a value", &Alias{Sort: SortValue}, SpaceValue, 1},
		{"alias of an unknown sort", &Alias{Sort: 6}, 0, 0},
		{"alias of an unknown core sort", &Alias{Core: 5}, 0, 0},
		{"type", &Type{}, SpaceType, 1},
		{"lift", &Canon{Op: CanonLift}, SpaceFunc, 1},
		{"lower", &Canon{Op: CanonLower}, SpaceCoreFunc, 1},
		{"resource.new", &Canon{Op: CanonResourceNew}, SpaceCoreFunc, 1},
		{"start", &Start{Results: 2}, SpaceValue, 2},
		{"value", &Value{}, SpaceValue, 1},
		{"import of a module", imported(ExternModule), SpaceCoreModule, 1},
		{"import of a function", imported(ExternFunc), SpaceFunc, 1},
		{"import of a value", imported(ExternValue), SpaceValue, 1},
		{"import of a type", imported(ExternTypeBound), SpaceType, 1},
		{"import of a component", imported(ExternComponent), SpaceComponent, 1},
		{"import of an instance", imported(ExternInstance), SpaceInstance, 1},
		{"import of an unknown kind", imported(6), 0, 0},
		{"export", &Export{Item: SortIdx{Sort: SortFunc}}, SpaceFunc, 1},
		{"export of a module", &Export{Item: SortIdx{Core: CoreModSort}}, SpaceCoreModule, 1},
		{"export with a type", &Export{
			Item: SortIdx{Sort: SortInstance}, Type: &ExternType{Kind: ExternInstance},
		}, SpaceInstance, 1},
		{"export declarator", &Export{Type: &ExternType{Kind: ExternTypeBound}}, SpaceType, 1},
		{"custom section", &Custom{}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			space, n := Adds(c.def)
			if n != c.n || n != 0 && space != c.space {
				t.Errorf("adds %d to %v, want %d to %v", n, space, c.n, c.space)
			}
		})
	}
}

func TestIndexSpaces(t *testing.T) {
	c := Component{Defs: []Def{
		&Canon{Op: CanonLift},
		&CoreType{Rec: &corewasm.RecGroup{Types: make([]corewasm.SubType, 3)}},
		&Custom{},
		&CoreType{Module: &ModuleType{}},
		&Export{Item: SortIdx{Sort: SortFunc}},
	}}
	var s IndexSpaces
	var first []uint32
	for _, d := range c.Defs {
		_, f, n := s.Add(d)
		if n > 0 {
			first = append(first, f)
		}
	}
	for i, want := range []uint32{0, 0, 3, 1} {
		if first[i] != want {
			t.Errorf("definition %d has index %d, want %d", i, first[i], want)
		}
	}
	var want IndexSpaces
	want[SpaceFunc], want[SpaceCoreType] = 2, 4
	if s != want || c.IndexSpaces() != want {
		t.Errorf("got %v and %v, want %v", s, c.IndexSpaces(), want)
	}
}

func TestSpaces(t *testing.T) {
	names := map[string]bool{}
	for s := range Space(NumSpaces) {
		item := s.Item(7)
		if got, ok := SpaceOf(item.Sort, item.Core); !ok || got != s || item.Index != 7 {
			t.Errorf("space %d names %v, which is in space %d", s, item, got)
		}
		if got, want := item.String(), s.String()+" 7"; got != want {
			t.Errorf("item is %q, want %q", got, want)
		}
		names[s.String()] = true
	}
	if len(names) != NumSpaces {
		t.Errorf("%d different names of %d spaces", len(names), NumSpaces)
	}
}
