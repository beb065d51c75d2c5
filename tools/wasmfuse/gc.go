// This file implements the settings of the garbage collector.

package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// A run of the tool is short, and nearly all that it allocates is in use until the end. So garbage is not collected
// until the heap is several times as large as the inputs. From then on the heap grows by a seventh before each
// collection.
const (
	readingBytes = 512 << 20 // heap size until the inputs are read
	smallBytes   = 32 << 20  // heap size that needs no collection, however small the inputs are
	perInput     = 3         // size of the process per byte of input
	ownBytes     = 8 << 20   // of the process beside the heap: the program's code, mostly
	laterPercent = 15
)

// gcDelay is the state of the settings before the first collection.
var gcDelay struct {
	sync.Mutex
	on    bool
	limit int64 // previous value
}

// collectLate turns garbage collection off until the heap is large. Settings in the environment take precedence.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	gcDelay.Lock()
	defer gcDelay.Unlock()
	debug.SetGCPercent(-1)
	gcDelay.limit = debug.SetMemoryLimit(readingBytes)
	gcDelay.on = true
	// The cleanup runs after the first collection, since nothing refers to the sentinel.
	sentinel := new([16]byte)
	runtime.AddCleanup(sentinel, func(int) {
		gcDelay.Lock()
		defer gcDelay.Unlock()
		gcDelay.on = false
		debug.SetMemoryLimit(gcDelay.limit)
		debug.SetGCPercent(laterPercent)
	}, 0)
}

// collectAfter sets the limit from the size of the inputs once they have been read.
func collectAfter(inputs int) {
	gcDelay.Lock()
	defer gcDelay.Unlock()
	if gcDelay.on {
		debug.SetMemoryLimit(max(smallBytes, perInput*int64(inputs)-ownBytes))
	}
}
