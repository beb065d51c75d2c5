// This file implements the types of programs.

package program

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Types are the types that modules of a program have in common: $t0 and so on for functions, $struct and $array.
type Types struct {
	funcs []funcType
	text  string
	many  bool // so that modules have more types, functions and globals than fit in a byte
}

type funcType struct {
	params, results []string
	super           int  // a type of which this one is a subtype, or -1
	same            int  // an earlier type that is equal by structure, or -1
	plain           bool // final, and alone in its group
}

// numbers reports whether the host can call functions of the type.
func (t *funcType) numbers() bool {
	for _, v := range append(append([]string{}, t.params...), t.results...) {
		if v == "v128" || strings.Contains(v, "ref") {
			return false
		}
	}
	return true
}

// liftable reports whether a component can lift a function of the type without memory.
func (t *funcType) liftable() bool {
	return t.plain && t.numbers() && len(t.params) <= 16 && len(t.results) <= 1
}

var numberTypes = []string{"i32", "i64", "i32", "f32", "f64"}

// NewTypes returns random types.
func NewTypes(r *rand.Rand) *Types {
	ts := &Types{many: r.IntN(20) == 0}
	var b strings.Builder
	b.WriteString("(type $struct (struct (field (mut i32)) (field i64) (field (mut funcref))))\n(type $array (array (mut i8)))\n(type $funcs (array (mut funcref)))\n")
	group := false
	add := func(t funcType, format string) {
		t.plain = format == "FUNC" && !group
		body := "(func"
		for _, p := range t.params {
			body += " (param " + p + ")"
		}
		for _, p := range t.results {
			body += " (result " + p + ")"
		}
		fmt.Fprintf(&b, "(type $t%d %s)\n", len(ts.funcs), strings.Replace(format, "FUNC", body+")", 1))
		ts.funcs = append(ts.funcs, t)
	}
	list := func(n int, any bool) (out []string) {
		for range n {
			if any && r.IntN(3) == 0 {
				t := ts.local(r)
				if strings.HasPrefix(t, "(ref null $t") && r.IntN(2) == 0 {
					t = strings.Replace(t, "null ", "", 1)
				}
				out = append(out, t)
			} else {
				out = append(out, numberTypes[r.IntN(len(numberTypes))])
			}
		}
		return out
	}
	add(funcType{list(2, false), list(1, false), -1, -1, true}, "FUNC")
	for range 2 + r.IntN(5) {
		add(funcType{list(r.IntN(4), true), list(r.IntN(3), true), -1, -1, true}, "FUNC")
	}
	if ts.many {
		for range 70 {
			add(funcType{list(2+r.IntN(3), true), list(r.IntN(2), true), -1, -1, true}, "FUNC")
		}
	}
	for range r.IntN(3) { // equal by structure
		k := r.IntN(len(ts.funcs))
		t := ts.funcs[k]
		t.same = k
		add(t, "FUNC")
	}
	if r.IntN(4) > 0 { // a hierarchy
		base := funcType{list(1, false), list(1, false), -1, -1, true}
		at := len(ts.funcs)
		add(base, "(sub FUNC)")
		for range 1 + r.IntN(3) {
			sub := base
			sub.super = at
			add(sub, fmt.Sprintf("(sub $t%d FUNC)", at))
		}
	}
	if r.IntN(2) == 0 { // not equal to any other, because of the groups
		b.WriteString("(rec\n")
		group = true
		add(ts.funcs[0], "FUNC")
		t := ts.funcs[0]
		add(t, "FUNC")
		b.WriteString(")\n")
	}
	ts.text = b.String()
	return ts
}

// root returns the first type that is the same.
func (ts *Types) root(a int) int {
	for ts.funcs[a].same >= 0 {
		a = ts.funcs[a].same
	}
	return a
}

// sub reports whether a is a subtype of b.
func (ts *Types) sub(a, b int) bool {
	return ts.root(a) == ts.root(b) || ts.funcs[a].super >= 0 && ts.sub(ts.funcs[a].super, b)
}

// number returns a type of which the host can call functions.
func (ts *Types) number(r *rand.Rand) int {
	for {
		if k := r.IntN(len(ts.funcs)); ts.funcs[k].numbers() {
			return k
		}
	}
}

// local returns a type for a local. It has a default value.
func (ts *Types) local(r *rand.Rand) string {
	switch k := r.IntN(14); {
	case k < 9:
		return numberTypes[k%5]
	case k == 9:
		return "v128"
	case k == 10:
		return "funcref"
	case k == 11:
		return "externref"
	case k == 12 && len(ts.funcs) > 0:
		return fmt.Sprintf("(ref null $t%d)", r.IntN(len(ts.funcs)))
	}
	return "(ref null $struct)"
}
