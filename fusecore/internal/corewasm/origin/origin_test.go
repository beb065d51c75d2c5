package origin

import (
	"slices"
	"testing"
)

var a, b = Body{0, 1}, Body{2, 3}

func TestMoved(t *testing.T) {
	mixed := Trace{a, []Mark{{0, a, 0}, {4, b, 10}, {6, Nowhere, 0}, {9, a, 4}}}
	for _, c := range []struct {
		name  string
		of    Trace
		moves []Move
		want  []Mark
	}{
		{"nothing moves", Of(a), []Move{{0, 0}}, []Mark{{0, a, 0}}},
		{"one instruction grows", Of(a), []Move{{0, 0}, {2, 5}}, []Mark{{0, a, 0}, {5, a, 2}}},
		{"nothing moves in a mix", mixed, []Move{{0, 0}}, mixed.Marks},
		{"between marks", mixed, []Move{{0, 0}, {2, 3}, {9, 12}}, []Mark{{0, a, 0}, {3, a, 2}, {5, b, 10}, {7, Nowhere, 0}, {12, a, 4}}},
		{"at marks", mixed, []Move{{0, 0}, {4, 1}, {6, 2}}, []Mark{{0, a, 0}, {1, b, 10}, {2, Nowhere, 0}, {5, a, 4}}},
	} {
		if got := c.of.Moved(c.moves); got.Body != a || !slices.Equal(got.Marks, c.want) {
			t.Errorf("%s:\n got %v\nwant %v", c.name, got.Marks, c.want)
		}
	}
}

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		name     string
		add      []Mark
		want     []Mark
		at, from uint32 // an offset, and its origin
	}{
		{"continued", []Mark{{0, a, 0}, {4, a, 4}}, []Mark{{0, a, 0}}, 6, 6},
		{"removed again", []Mark{{0, a, 0}, {4, b, 0}, {8, a, 4}, {4, a, 9}}, []Mark{{0, a, 0}, {4, b, 0}, {4, a, 9}}, 5, 10},
		{"end of the code before", []Mark{{0, a, 0}, {5, a, 2}, {5, b, 0}}, []Mark{{0, a, 0}, {5, a, 2}, {5, b, 0}}, 5, 0},
		{"several at one offset", []Mark{{0, a, 0}, {5, a, 2}, {5, b, 0}, {5, b, 7}}, []Mark{{0, a, 0}, {5, a, 2}, {5, b, 7}}, 6, 8},
	} {
		var tr Trace
		for _, m := range c.add {
			tr.Marks = Append(tr.Marks, m)
		}
		if !slices.Equal(tr.Marks, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, tr.Marks, c.want)
		}
		if got := tr.At(c.at); got.Of != c.from {
			t.Errorf("%s: %d is from %v, want %d", c.name, c.at, got, c.from)
		}
	}
}

func TestEnd(t *testing.T) {
	tr := Trace{a, []Mark{{0, a, 0}, {5, a, 2}, {7, b, 20}, {9, a, 4}}}
	for i, want := range []uint32{2, 4, 22, 15} {
		if got := tr.End(i, 20); got != want {
			t.Errorf("mark %d ends at %d, want %d", i, got, want)
		}
	}
}
