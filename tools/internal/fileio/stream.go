// This file implements standard streams.

package fileio

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Stream is a standard output that keeps its first error, for writing through code that drops errors.
type Stream struct {
	W   io.Writer
	Err error
}

// Write implements [io.Writer]. After the first error nothing more is written.
func (s *Stream) Write(b []byte) (int, error) {
	if s.Err != nil {
		return 0, s.Err
	}
	n, err := s.W.Write(b)
	if err != nil {
		s.Err = fmt.Errorf("cannot write standard output: %w", bare(err))
	}
	return n, s.Err
}

// IsTerminal reports whether output goes to a terminal.
func IsTerminal(w io.Writer) bool {
	if s, ok := w.(*Stream); ok {
		w = s.W
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
