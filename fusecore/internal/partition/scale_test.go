package partition

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestScale checks that deciding about 10,000 instances takes no longer than seconds, even if every third one is async
// and all depend on earlier ones, or if ways back have to be searched for everywhere.
func TestScale(t *testing.T) {
	const n = 10000
	for _, tc := range []struct {
		name  string
		about func(i int) string
	}{
		{"chain", func(i int) string { return fmt.Sprintf("x%d calls x%d", i, i-1) }},
		{"async instances in a chain", func(i int) string {
			if i%3 == 0 {
				return fmt.Sprintf("x%d calls x%d; host awaits x%d; x%d starts", i, i-1, i, i)
			}
			return fmt.Sprintf("x%d calls x%d; x%d starts", i, i-1, i)
		}},
		{"libraries with many users", func(i int) string {
			if i < n/2 {
				return fmt.Sprintf("host calls x%d", i)
			}
			return fmt.Sprintf("host awaits x%d; x%d calls x%d; x%d calls x%d; x%d calls x%d", i, i, i-n/2, i, i-1, i, i%100)
		}},
		{"parents", func(i int) string {
			return fmt.Sprintf("p%d/x%d calls p%d; host calls p%d; p%d calls p%d/x%d", i%50, i, i%50, i%50, i%50, i%50, i)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var about []string
			for i := 1; i < n; i++ {
				about = append(about, tc.about(i))
			}
			g := build(strings.Join(about, ";") + fmt.Sprintf(";host calls x%d; host awaits a", n-1))
			start := time.Now()
			p, err := Decide(g)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%v, %d domains, %d edges, %d to keep", time.Since(start), len(p.Domains), len(p.Edges), len(p.Keep))
			if time.Since(start) > 20*time.Second {
				t.Errorf("deciding takes %v", time.Since(start))
			}
		})
	}
}
