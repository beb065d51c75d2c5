// This file implements parallel work on function bodies.

package corewasm

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// batchBytes is the amount of code in a unit of parallel work.
const batchBytes = 128 << 10

// Batch is a run of function bodies that is worth a unit of parallel work.
type Batch struct {
	First  int // index of the first body in Module.Code
	Bodies []Body
}

// Batches splits function bodies into batches, in order.
func Batches(bodies []Body) (out []Batch) {
	for first := 0; first < len(bodies); {
		end := first
		for size := 0; end < len(bodies) && size < batchBytes; end++ {
			size += len(bodies[end].Code)
		}
		out = append(out, Batch{first, bodies[first:end:end]})
		first = end
	}
	return out
}

// InParallel calls a worker with each of 0 to n-1, on all processors, and returns the error with the lowest number.
// newWorker is called once per goroutine, so that a worker may reuse buffers. When the context is done, the calls that
// are left fail with its error.
func InParallel(ctx context.Context, n int, newWorker func() func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	work := func() {
		worker := newWorker()
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = worker(i)
			}
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// EachBody calls a worker for every body, in batches, and returns the error of the first body that has one; see
// [InParallel].
func EachBody(ctx context.Context, bodies []Body, newWorker func() func(i int) error) error {
	batches := Batches(bodies)
	return InParallel(ctx, len(batches), func() func(int) error {
		worker := newWorker()
		return func(k int) error {
			for i := range batches[k].Bodies {
				if err := worker(batches[k].First + i); err != nil {
					return err
				}
			}
			return nil
		}
	})
}
