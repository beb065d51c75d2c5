// This file implements the progress line.

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
)

// The stages that the tool adds to those of package fusecore.
const (
	reading    = "reading"
	validating = "validating"
	writing    = "writing"
)

const (
	// patience is how long a run lasts before there is a line.
	patience = time.Second
	// lineWidth is the width of every line in columns. As lines are equally wide, those of two tools in a pipeline leave
	// nothing of each other.
	lineWidth = 24
)

// after calls f in another goroutine once some time has passed.
var after = func(d time.Duration, f func()) { time.AfterFunc(d, f) }

// progressLine is a line on a terminal that names the stage of a run that takes long, such as
//
//	wasmfuse: optimising...
//
// The next stage replaces it in place. Messages written through it, and the end of the run, find the terminal as if
// there had been no line.
type progressLine struct {
	mu    sync.Mutex
	w     io.Writer
	log   *logger // is told the stages as well, if not nil
	on    bool    // there may be a line
	due   bool    // the run takes long
	stage string  // that the line names, or is to name when it is due; empty for no line
	shown bool
}

// startLine begins a run whose messages go to w. There is no line unless w is a terminal that a user looks at.
func startLine(w io.Writer) *progressLine {
	l := &progressLine{w: w, stage: reading}
	if l.on = fileio.IsTerminal(w) && os.Getenv("TERM") != "dumb" && os.Getenv("NO_COLOR") == "" && os.Getenv("CI") == ""; l.on {
		after(patience, l.appear)
	}
	return l
}

// appear shows the line from now on.
func (l *progressLine) appear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = true
	l.draw()
}

// enter begins a stage.
func (l *progressLine) enter(stage string) {
	if l.log != nil {
		l.log.enter(stage)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if stage != l.stage {
		l.stage = stage
		l.draw()
	}
}

// off turns the line off for the whole run.
func (l *progressLine) off() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove()
	l.on = false
}

// clear removes the line until another stage begins.
func (l *progressLine) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove()
}

// Write implements [io.Writer]. A message takes the place of the line.
func (l *progressLine) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove()
	return l.w.Write(b)
}

// draw shows the line, if it is due. Errors do not matter: messages meet them as well.
func (l *progressLine) draw() {
	if l.on && l.due && l.stage != "" {
		fmt.Fprintf(l.w, "\r%-*s", lineWidth, "wasmfuse: "+l.stage+"...")
		l.shown = true
	}
}

// remove removes the line. It uses no escape sequence, which some terminals would show.
func (l *progressLine) remove() {
	l.stage = ""
	if l.shown {
		fmt.Fprintf(l.w, "\r%s\r", strings.Repeat(" ", lineWidth))
		l.shown = false
	}
}

// withLine returns the streams for a run with a progress line, through which its messages go. The run ends with a call of
// clear.
func (s streams) withLine() (streams, *progressLine) {
	l := startLine(s.err)
	if !s.log.plainText() {
		l.off()
	}
	s.err, s.log.w, l.log = l, l, s.log
	return s, l
}
