package handles

import (
	"fmt"
	"slices"
	"testing"
)

func start(t testing.TB, more int) *machine {
	t.Helper()
	x := newFixture(t, more)
	x.primitives(t)
	return x.start(t)
}

// TestNumbers checks the numbering of the reference test resources/handle-table: from 1 on, reusing the last freed
// first.
func TestNumbers(t *testing.T) {
	m := start(t, 0)
	var got []uint32
	mk := func(rep uint32) { got = append(got, m.must("resource.new 1 0", rep)) }
	drop := func(h uint32) { m.must("resource.drop 1 0", h) }
	mk(100)
	mk(200)
	mk(300)
	drop(2)
	mk(400)
	drop(1)
	drop(2)
	drop(3)
	mk(500)
	mk(600)
	mk(700)
	mk(800)
	if want := []uint32{1, 2, 3, 2, 3, 2, 1, 4}; !slices.Equal(got, want) {
		t.Errorf("handles %v, want %v", got, want)
	}
	for h, rep := range map[uint32]uint32{1: 700, 2: 600, 3: 500, 4: 800} {
		if v := m.must("resource.rep 1 0", h); v != rep {
			t.Errorf("rep of %d is %d, want %d", h, v, rep)
		}
	}
	if got, want := fmt.Sprint(m.destroyed()), "[[0 200] [0 100] [0 400] [0 300]]"; got != want {
		t.Errorf("destructors ran for %s, want %s", got, want)
	}
}

// TestForged checks that invalid handles trap everywhere.
func TestForged(t *testing.T) {
	m := start(t, 0)
	m.must("resource.new 1 0", 7)  // 1 in a
	m.must("lower own 1 1", 8)     // 2 in a, of another type
	m.must("resource.new 1 0", 9)  // 3 in a
	m.must("resource.drop 1 0", 3) // freed
	m.must("resource.new 2 1", 7)  // 1 in b
	m.must("resource.new 2 1", 7)
	m.must("resource.new 2 1", 7)
	m.must("resource.new 2 1", 7) // 4 in b is unknown in a
	for _, h := range []uint32{0, 2, 3, 4, 5, 1023, 1024, 1025, 2048, 1<<28 - 1, 1 << 28, 1<<28 + 1, 1<<31 + 1, 1<<32 - 1} {
		for _, op := range []string{"resource.rep", "resource.drop", "lift own", "lift borrow"} {
			m.traps(op+" 1 0", h)
		}
	}
	if v := m.must("resource.rep 1 0", 1); v != 7 {
		t.Errorf("rep %d, want 7", v)
	}
}

// TestLent checks that a lent handle can be neither dropped nor passed as own, as in the reference test
// resources/borrows.
func TestLent(t *testing.T) {
	m := start(t, 0)
	h := m.must("resource.new 1 0", 7)
	fr := m.must("open")
	for range 3 {
		if rep := m.must("lend 1 0", h, fr); rep != 7 {
			t.Fatalf("rep %d, want 7", rep)
		}
	}
	m.traps("lift own 1 0", h)
	m.traps("resource.drop 1 0", h)
	m.must("check", fr)
	m.must("close", fr)
	m.must("lift own 1 0", h)
}

// TestScope checks that borrows must be dropped before the call returns, each in its own call.
func TestScope(t *testing.T) {
	m := start(t, 0)
	outer := m.must("open")
	h1 := m.must("lower borrow 2 0", 7, outer)
	inner := m.must("open")
	h2 := m.must("lower borrow 2 0", 7, inner)
	if h1 != 1 || h2 != 2 {
		t.Errorf("handles %d and %d, want 1 and 2", h1, h2)
	}
	m.traps("check", inner)
	m.must("resource.drop 2 0", h1) // of the outer call
	m.must("check", outer)
	m.traps("check", inner)
	m.traps("lift own 2 0", h2)
	if rep := m.must("lift borrow 2 0", h2); rep != 7 {
		t.Errorf("rep %d, want 7", rep)
	}
	m.must("resource.drop 2 0", h2)
	m.must("check", inner)
	m.must("close", inner)
	m.must("close scope", outer)
	if got := m.destroyed(); got != nil {
		t.Errorf("dropping borrows ran destructors for %v", got)
	}
	if rep := m.must("lower borrow 1 0", 42, 0); rep != 42 {
		t.Errorf("the implementing instance was given %d, want the representation 42", rep)
	}
}
