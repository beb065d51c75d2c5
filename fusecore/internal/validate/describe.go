// This file implements types in messages.

package validate

import (
	"fmt"
	"strings"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
)

var valKindNames = map[component.ValKind]string{
	component.KindRecord: "record", component.KindVariant: "variant", component.KindList: "list",
	component.KindFixedList: "fixed-length list", component.KindTuple: "tuple", component.KindFlags: "flags",
	component.KindEnum: "enum", component.KindOption: "option", component.KindResult: "result", component.KindOwn: "own",
	component.KindBorrow: "borrow", component.KindStream: "stream", component.KindFuture: "future",
	component.KindMap: "map", component.KindPrim: "primitive",
}

func kindName(k component.ValKind) string { return valKindNames[k] }

// maxDescription limits the number of nodes of a type that a message shows.
const maxDescription = 40

// String returns the type in the text format, shortened if it is large.
func (t *typ) String() string {
	if t == nil {
		return "nothing"
	}
	left := maxDescription
	var b strings.Builder
	t.write(&b, &left)
	return b.String()
}

func (t *typ) write(b *strings.Builder, left *int) {
	if *left--; *left < 0 {
		b.WriteString("...")
		return
	}
	switch {
	case t.kind == kindResource:
		b.WriteString(t.res.describe())
	case t.kind != kindValue:
		b.WriteString(t.kind.String())
	case t.val.kind == component.KindPrim:
		b.WriteString(t.val.prim.String())
	default:
		t.val.write(b, left)
	}
}

func (v *valType) write(b *strings.Builder, left *int) {
	b.WriteByte('(')
	if v.kind == component.KindFixedList {
		b.WriteString("list")
	} else {
		b.WriteString(kindName(v.kind))
	}
	for _, l := range v.labels {
		if *left--; *left < 0 {
			b.WriteString(" ...")
			break
		}
		fmt.Fprintf(b, " %q", l)
	}
	for _, f := range v.fields {
		if *left < 0 {
			break
		}
		word := "field"
		if v.kind == component.KindVariant {
			word = "case"
		}
		fmt.Fprintf(b, " (%s %q", word, f.label)
		if f.t != nil {
			b.WriteByte(' ')
			f.t.write(b, left)
		}
		b.WriteByte(')')
	}
	v.writeParts(b, left)
	if v.kind == component.KindFixedList {
		fmt.Fprintf(b, " %d", v.len)
	}
	b.WriteByte(')')
}

func (v *valType) writeParts(b *strings.Builder, left *int) {
	ts := append(append([]*typ(nil), v.types...), v.key, v.elem, v.resource)
	for _, t := range ts {
		if t == nil || *left < 0 {
			continue
		}
		b.WriteByte(' ')
		t.write(b, left)
	}
	if v.err != nil {
		b.WriteString(" (error ")
		v.err.write(b, left)
		b.WriteByte(')')
	}
}

// short describes a type that lacks a name.
func (t *typ) short() string {
	if t.kind == kindResource {
		return t.res.describe()
	}
	return t.String()
}

// describe names a resource for messages.
func (r *resource) describe() string {
	how := "abstract"
	switch {
	case r.imported:
		how = "imported"
	case r.local:
		how = "locally defined"
	}
	if r.name == "" {
		return a(how + " resource")
	}
	return fmt.Sprintf("the %s resource `%s`", how, r.name)
}

// a puts the indefinite article before a phrase.
func a(phrase string) string {
	if strings.ContainsRune("aeiou", rune(phrase[0])) {
		return "an " + phrase
	}
	return "a " + phrase
}

// quoted returns the resource's name followed by a space, or "".
func (r *resource) quoted() string {
	if r.name == "" {
		return ""
	}
	return "`" + r.name + "` "
}
