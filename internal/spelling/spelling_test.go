package spelling

import (
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"greet", "gret", 1}, {"greet", "great", 1}, {"kitten", "sitting", 3}} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestNear(t *testing.T) {
	if got := slices.MinFunc([]string{"app", "greeter", "greet"}, Near("greter")); got != "greeter" {
		t.Errorf("the nearest is %q", got)
	}
	for other, want := range map[string]bool{"greeter": true, "greet": true, "app": false} {
		if got := Similar("greter", other); got != want {
			t.Errorf("Similar(greter, %s) = %t", other, got)
		}
	}
}
