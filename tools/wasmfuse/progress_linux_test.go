package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// newTerminal returns a new terminal, and a function that closes it and returns everything that it has got.
func newTerminal(t *testing.T) (tty *os.File, got func() string) {
	t.Helper()
	shows, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shows.Close() })
	fd := int(shows.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	var b []byte
	all := make(chan struct{})
	go func() { // a terminal holds little that nobody has read
		defer close(all)
		b, err = io.ReadAll(shows)
	}()
	return tty, func() string {
		t.Helper()
		tty.Close()
		<-all
		if !errors.Is(err, syscall.EIO) { // what reading returns when nobody can write any more
			t.Fatal(err)
		}
		return string(b)
	}
}

// screen returns the lines that a terminal shows after some output, without the blanks at their ends, and with the
// cursor's position as "|" in the last one.
func screen(output string) string {
	lines, at := []string{""}, 0
	for _, r := range output {
		last := &lines[len(lines)-1]
		switch r {
		case '\r':
			at = 0
		case '\n':
			*last = strings.TrimRight(*last, " ")
			lines = append(lines, "")
		default:
			*last = (*last)[:at] + string(r) + (*last)[min(at+1, len(*last)):]
			at++
		}
	}
	last := &lines[len(lines)-1]
	*last = strings.TrimRight((*last)[:at]+"|"+(*last)[at:], " ")
	return strings.Join(lines, "\n")
}

// stages returns the stages that lines have named.
func stages(output string) (all []string) {
	for part := range strings.SplitSeq(output, "\r") {
		if stage, ok := strings.CutPrefix(part, "wasmfuse: "); ok {
			all = append(all, strings.TrimRight(stage, ". "))
		}
	}
	return all
}

// clock replaces the clock of progress lines.
type clock struct {
	waits  time.Duration
	f      func()
	passed bool
}

func newClock(t *testing.T) *clock {
	c, old := &clock{}, after
	after = func(d time.Duration, f func()) { c.waits, c.f = d, f }
	t.Cleanup(func() { after = old })
	return c
}

// pass lets the time pass that is waited for, if it has not.
func (c *clock) pass() {
	if c.f != nil && !c.passed {
		c.passed = true
		c.f()
	}
}

// slow is a file whose first byte takes long.
type slow struct {
	c *clock
	r io.Reader
}

func (s *slow) Read(b []byte) (int, error) {
	s.c.pass()
	return s.r.Read(b)
}

// atTerminal makes the environment that of a user at a terminal.
func atTerminal(t *testing.T) {
	for name, value := range map[string]string{"TERM": "xterm", "NO_COLOR": "", "CI": ""} {
		t.Setenv(name, value)
	}
}

// TestProgressLine runs commands at a terminal. Reading standard input takes more than the second, where a case does not
// say otherwise.
func TestProgressLine(t *testing.T) {
	dir := t.TempDir()
	out, report, core := filepath.Join(dir, "out.wasm"), filepath.Join(dir, "report.json"), filepath.Join(dir, "core.wasm")
	consumer, provider := examples+"c-pair/consumer-utf8.wasm", examples+"c-pair/provider-utf8.wasm"
	fused := filepath.Join(dir, "fused.wasm")
	for _, args := range [][]string{{"fuse", consumer, provider, "-o", fused}, {"extract", fused, "-o", core}} {
		if code, _, said := wasmfuse(args...); code != 0 {
			t.Fatal(said)
		}
	}
	const end = "|"
	all := []string{"reading", "validating", "linking", "fusing", "optimising", "writing"}
	for _, c := range []struct {
		name, in string // in is the file that is standard input
		args     string
		fast     bool
		env      string
		screen   string // what stays on the terminal, or "..." after what it begins with
		stages   []string
	}{
		{"fuse", consumer, "fuse - " + provider + " -o " + out, false, "", saidOfTwo + end, all},
		{"fuse with a report", consumer, "fuse - " + provider + " -o " + out + " --report " + report, false, "", saidOfTwo + end, append(slices.Clip(all), "writing")},
		{"fuse with a report at the terminal", consumer, "fuse - " + provider + " -o " + out + " --report -", false, "", "{\n  ...", append(slices.Clip(all), "writing")},
		{"fuse to standard output", consumer, "fuse - " + provider + " -o -", false, "", saidOfTwo + end, all},
		{"fuse within a second", consumer, "fuse - " + provider + " -o " + out, true, "", saidOfTwo + end, nil},
		{"fuse quietly", consumer, "fuse - " + provider + " -q -o " + out, false, "", end, nil},
		{"fuse without colours", consumer, "fuse - " + provider + " -o " + out, false, "NO_COLOR=1", saidOfTwo + end, nil},
		{"fuse in CI", consumer, "fuse - " + provider + " -o " + out, false, "CI=true", saidOfTwo + end, nil},
		{"fuse on a dumb terminal", consumer, "fuse - " + provider + " -o " + out, false, "TERM=dumb", saidOfTwo + end, nil},
		{"a file is missing", consumer, "fuse - nowhere.wasm -o " + out, false, "", "wasmfuse VERSION: error: cannot read nowhere.wasm: ...", []string{"reading"}},
		{"an input is invalid", core, "fuse - -o " + out, false, "", "wasmfuse VERSION: error: standard input: ...", []string{"reading", "validating"}},
		{"output cannot be written", consumer, "fuse - " + provider + " -o " + dir, false, "", "wasmfuse VERSION: error: cannot write ...", all},
		{"compose", consumer, "compose - " + provider + " -o " + out, false, "", composedTwo + end, []string{"reading", "validating", "linking", "writing"}},
		{"compose with a warning", "testdata/inputs/app-two.wasm", "compose - testdata/inputs/calc.wasm -o " + out, false, "", "wasmfuse VERSION: warning: ...", []string{"reading", "validating", "linking", "writing", "writing"}},
		{"inspect", fused, "inspect -", false, "", "component, ...", []string{"reading", "validating"}},
		{"extract", fused, "extract - -o " + out, false, "", "extracted core module ...", []string{"reading", "writing"}},
		{"replace", core, "replace " + fused + " - -o " + out, false, "", "replaced core module ...", []string{"reading", "validating", "writing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			atTerminal(t)
			if name, value, ok := strings.Cut(c.env, "="); ok {
				t.Setenv(name, value)
			}
			in, err := os.ReadFile(c.in)
			if err != nil {
				t.Fatal(err)
			}
			clock := newClock(t)
			tty, shows := newTerminal(t)
			s := streams{in: &slow{clock, bytes.NewReader(in)}, out: tty, err: tty}
			if c.fast {
				s.in = bytes.NewReader(in)
			}
			if strings.HasSuffix(c.args, "-o -") {
				s.out = io.Discard
			}
			run(strings.Fields(c.args), s)
			clock.pass() // after the end
			got := shows()
			begin, more := strings.CutSuffix(c.screen, "...")
			if is := general(screen(got)); is != c.screen && !(more && strings.HasPrefix(is, begin) && strings.HasSuffix(is, "\n"+end)) {
				t.Errorf("the terminal shows %q, want %q", is, c.screen)
			}
			if said := stages(got); !slices.Equal(said, c.stages) {
				t.Errorf("lines named %q, want %q; the terminal has got %q", said, c.stages, got)
			}
			if len(c.stages) > 0 && clock.waits != time.Second {
				t.Errorf("the line appears after %v", clock.waits)
			}
			if len(c.stages) == 0 && c.screen == end && got != "" {
				t.Errorf("the terminal has got %q", got)
			}
		})
	}
}

// TestProgressPipe checks that a pipe gets nothing but messages, however long a run takes.
func TestProgressPipe(t *testing.T) {
	atTerminal(t)
	in, err := os.ReadFile(examples + "c-pair/consumer-utf8.wasm")
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	clock := newClock(t)
	args := []string{"fuse", "-", examples + "c-pair/provider-utf8.wasm", "-o", filepath.Join(t.TempDir(), "out.wasm")}
	code := run(args, streams{in: &slow{clock, bytes.NewReader(in)}, out: io.Discard, err: w})
	clock.pass()
	w.Close()
	if got, err := io.ReadAll(r); err != nil || code != 0 || general(string(got)) != saidOfTwo {
		t.Errorf("exit code %d, and the pipe has got %q, %v", code, got, err)
	}
	if clock.f != nil {
		t.Error("a pipe is waited for")
	}
}

// TestProgressOfTwo checks that the lines of two tools at one terminal leave nothing of each other.
func TestProgressOfTwo(t *testing.T) {
	atTerminal(t)
	clock := newClock(t)
	tty, shows := newTerminal(t)
	var lines []*progressLine
	for range 2 {
		lines = append(lines, startLine(tty))
		clock.f()
	}
	lines[0].enter("optimising")
	lines[1].enter("writing")
	lines[0].clear()
	lines[1].enter("optimising")
	fmt.Fprintln(lines[1], "done")
	if got := screen(shows()); got != "done\n|" {
		t.Errorf("the terminal shows %q", got)
	}
}

// TestLineReplaces checks that a line leaves nothing of the one before it, and that the cursor is where every line ends.
func TestLineReplaces(t *testing.T) {
	all := []string{reading, validating, "linking", "fusing", "optimising", writing}
	for _, a := range all {
		for _, b := range all {
			var out strings.Builder
			l := &progressLine{w: &out, on: true, due: true}
			l.enter(a)
			l.enter(b)
			if got, want := screen(out.String()), fmt.Sprintf("%-*s|", lineWidth, "wasmfuse: "+b+"..."); got != want {
				t.Errorf("after %s and %s the terminal shows %q, want %q", a, b, got, want)
			}
			if l.clear(); screen(out.String()) != "|" {
				t.Errorf("after %s, %s and the end the terminal shows %q, want nothing", a, b, screen(out.String()))
			}
		}
	}
}
