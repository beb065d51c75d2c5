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
type Batch[B any] struct {
	First  int // index of the first body in the list of all
	Bodies []B
}

// Size returns the length of the body's code.
func (b *Body) Size() int { return len(b.Code) }

// Batches splits function bodies, of which size returns the bytes, into batches, in order.
func Batches[B any](bodies []B, size func(*B) int) (out []Batch[B]) {
	for first := 0; first < len(bodies); {
		end := first
		for n := 0; end < len(bodies) && n < batchBytes; end++ {
			n += size(&bodies[end])
		}
		out = append(out, Batch[B]{first, bodies[first:end:end]})
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
	batches := Batches(bodies, (*Body).Size)
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
