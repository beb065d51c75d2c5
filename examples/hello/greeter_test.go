package export_demo_hello_greeter

import "testing"

func TestGreet(t *testing.T) {
	if got := Greet("Wörld"); got != "hello, Wörld!" {
		t.Errorf("%q", got)
	}
}
