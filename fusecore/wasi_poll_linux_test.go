package fusecore_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWASIPollInterrupted runs the program of TestWASIPoll while signals end its waits early: wazero's poll_oneoff then fails with
// intr, which says nothing about what is ready.
func TestWASIPollInterrupted(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, tid := os.Getpid(), unix.Gettid()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				unix.Tgkill(pid, tid, unix.SIGURG) // Go's runtime expects and ignores it.
			}
		}
	}()
	playWaits(t)
	close(stop)
	<-stopped
}
