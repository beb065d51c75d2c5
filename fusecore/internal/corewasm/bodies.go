package corewasm

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// batchBytes is how much code a goroutine takes at a time.
const batchBytes = 64 << 10

// EachBody calls a function for every body, on all processors, and gives the error of the first body that has one.
// newWorker is called once per goroutine, so that a worker may keep buffers from one body to the next.
func EachBody(bodies []Body, newWorker func() func(i int) error) error {
	var starts []int // of batches
	size := batchBytes
	for i := range bodies {
		if size >= batchBytes {
			starts = append(starts, i)
			size = 0
		}
		size += len(bodies[i].Code)
	}
	starts = append(starts, len(bodies))
	errs := make([]error, len(starts)-1)
	var next atomic.Int64
	work := func() {
		worker := newWorker()
		for {
			k := int(next.Add(1)) - 1
			if k >= len(errs) {
				return
			}
			for i := starts[k]; i < starts[k+1] && errs[k] == nil; i++ {
				errs[k] = worker(i)
			}
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(errs)) - 1 {
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
