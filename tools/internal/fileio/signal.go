package fileio

import (
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
)

// tempName is the base name of a new file.
func tempName() string { return ".tmp-" + strconv.FormatUint(rand.Uint64(), 36) }

// guard removes a file when the process is interrupted.
type guard struct {
	name    string
	signals chan os.Signal
	// dying is held from the signal on, so that nothing is created behind the removal, and no removed file is missed.
	dying sync.Mutex
}

// removeOnSignal begins to guard a file that does not exist yet.
func removeOnSignal(name string) *guard {
	g := &guard{name: name, signals: make(chan os.Signal, 1)}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(g.signals, s)
		}
	}
	go func() {
		s, ok := <-g.signals
		if !ok {
			return
		}
		g.dying.Lock()
		os.Remove(name)
		// End as the signal would have ended the process, so that a shell sees it.
		signal.Stop(g.signals)
		if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(s) == nil {
			select {}
		}
		os.Exit(1)
	}()
	return g
}

// create makes the file. The umask decides about its permissions, as os.CreateTemp does not let it.
func (g *guard) create() (*os.File, error) {
	g.dying.Lock()
	defer g.dying.Unlock()
	return os.OpenFile(g.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// rename gives the file its final name.
func (g *guard) rename(to string) error {
	g.dying.Lock()
	defer g.dying.Unlock()
	return os.Rename(g.name, to)
}

// end stops guarding.
func (g *guard) end() {
	signal.Stop(g.signals)
	close(g.signals)
}
