package corewasm

import (
	"errors"
	"fmt"
	"testing"
)

func TestBatchesHoldEveryBodyOnce(t *testing.T) {
	for _, sizes := range [][]int{{}, {0}, {1, 1, 1}, {batchBytes, 1}, {1, batchBytes, 1}, {batchBytes - 1, 1, 1, 2 * batchBytes, 5}} {
		var bodies []Body
		for _, n := range sizes {
			bodies = append(bodies, Body{Code: make([]byte, n)})
		}
		next := 0
		for _, b := range Batches(bodies, (*Body).Size) {
			if b.First != next || len(b.Bodies) == 0 || &b.Bodies[0] != &bodies[next] {
				t.Errorf("%v: a batch of %d bodies from %d on, expected one from %d on", sizes, len(b.Bodies), b.First, next)
			}
			next += len(b.Bodies)
		}
		if next != len(bodies) {
			t.Errorf("%v: %d bodies in batches", sizes, next)
		}
	}
}

func TestEachBodyReturnsTheFirstError(t *testing.T) {
	bodies := make([]Body, 100)
	for i := range bodies {
		bodies[i].Code = make([]byte, batchBytes/3)
	}
	for range 20 {
		err := EachBody(t.Context(), bodies, func() func(int) error {
			return func(i int) error {
				if i >= 40 && i%2 == 0 {
					return fmt.Errorf("body %d", i)
				}
				return nil
			}
		})
		if err == nil || err.Error() != "body 40" {
			t.Fatal(err)
		}
	}
	if err := EachBody(t.Context(), nil, func() func(int) error { return func(int) error { return errors.New("called") } }); err != nil {
		t.Error(err)
	}
}
