package intern

import (
	"fmt"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	table := New(0)
	const n = 10_000
	for round := range 2 {
		for i := range n {
			s := strings.Repeat("x", i%7) + fmt.Sprint(i)
			got, added := table.Add([]byte(s))
			if got != i || added != (round == 0) || string(table.At(i)) != s {
				t.Fatalf("round %d: %q is number %d (%q), new: %v; want %d", round, s, got, table.At(i), added, i)
			}
		}
	}
	if i, added := table.Add(nil); i != n || !added || len(table.At(i)) != 0 || table.Len() != n+1 {
		t.Errorf("the empty string is number %d of %d, new: %v", i, table.Len(), added)
	}
	if i, added := table.Add([]byte{}); i != n || added {
		t.Errorf("the empty string is number %d, new: %v the second time", i, added)
	}
	if b := table.Bytes(); string(b[:6]) != "0x1xx2" {
		t.Errorf("all strings begin with %q", b[:6])
	}
}
