package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// lazyBytes is how large the heap grows before anything is collected.
const lazyBytes = 512 << 20

// collectLate turns garbage collection off until the heap is large: a run of the tool is short, and nearly all that it
// allocates is in use until its end. From then on collection is as usual. Settings in the environment have precedence.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(lazyBytes)
	// The cleanup runs after the first collection, for then nothing refers to the sentinel.
	sentinel := new([16]byte)
	runtime.AddCleanup(sentinel, func(int) {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}, 0)
}
