// This file implements the removal of temporary files and folders on signals.

package fileio

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// tempName returns the base name of a temporary file.
func tempName() string { return ".tmp-" + strconv.FormatUint(rand.Uint64(), 36) }

// guard removes a file or folder when the process is interrupted.
type guard struct {
	name    string
	signals chan os.Signal
	// dying is held from the signal on, so that nothing is created after the removal, and no file escapes it.
	dying sync.Mutex
	// file is the file, if it was created. Windows removes no open file.
	file *os.File
}

// removeOnSignal starts to guard a file or folder that does not exist yet.
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
		g.remove()
		// Exit by the default action of the signal, so that a shell sees it.
		signal.Stop(g.signals)
		if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(s) == nil {
			select {}
		}
		os.Exit(1)
	}()
	return g
}

// create creates the file, with permissions according to the umask, which os.CreateTemp does not allow.
func (g *guard) create() (f *os.File, err error) {
	g.dying.Lock()
	defer g.dying.Unlock()
	g.file, err = os.OpenFile(g.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	return g.file, err
}

// remove removes the file or folder. On Windows, that has to wait for a write that is under way.
func (g *guard) remove() {
	if g.file != nil {
		g.file.Close()
	}
	for range 100 {
		if os.RemoveAll(g.name) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// rename renames the file to its final name.
func (g *guard) rename(to string) (err error) {
	g.dying.Lock()
	defer g.dying.Unlock()
	for wait := time.Millisecond; ; wait *= 2 {
		if err = os.Rename(g.name, to); err == nil || !isOpen(err) || wait > maxWait {
			return err
		}
		time.Sleep(wait)
	}
}

// maxWait is half of the time for which a rename is tried.
const maxWait = time.Second / 2

// isOpen reports whether an error of a rename is that of Windows for a file that another process has opened, as readers and
// virus scanners do for a moment.
func isOpen(err error) bool {
	const accessDenied, sharingViolation = syscall.Errno(5), syscall.Errno(32)
	return runtime.GOOS == "windows" && (errors.Is(err, accessDenied) || errors.Is(err, sharingViolation))
}

// TempFolder makes a temporary folder, and fills it with a function that is given its path.
//
// remove removes the folder with its content. So does a signal that ends the process; it waits for fill.
func TempFolder(fill func(dir string) error) (dir string, remove func(), err error) {
	dir = filepath.Join(os.TempDir(), tempName())
	g := removeOnSignal(dir)
	remove = func() {
		g.end()
		os.RemoveAll(dir)
	}
	g.dying.Lock()
	defer g.dying.Unlock()
	if err = os.Mkdir(dir, 0o700); err == nil {
		err = fill(dir)
	}
	if err != nil {
		remove()
		return "", nil, err
	}
	return dir, remove, nil
}

// end stops guarding.
func (g *guard) end() {
	signal.Stop(g.signals)
	close(g.signals)
}
