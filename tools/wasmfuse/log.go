// This file implements the messages of the commands.

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore"
	"github.com/wasmfuse/rules_wasm_fuse/tools/internal/fileio"
	"github.com/wasmfuse/rules_wasm_fuse/tools/wasmfuse/internal/reporting"
)

// The formats of messages.
const (
	logText = "text"
	logJSON = "json"
)

// now is the clock of --verbose.
var now = time.Now

// logger writes messages: errors, warnings, what was done and, if that is wanted, each stage of the work. They are lines for
// people, or with --log=json a JSON object each. rules/docs/debug.md describes all
// fields.
type logger struct {
	w              io.Writer
	format         string // of messages
	quiet, verbose bool   // print errors only; print stages as well
	start          time.Time
	stage          string // of the work
}

func newLogger(w io.Writer) *logger { return &logger{w: w, format: logText, start: now()} }

// addFlags adds the flags that all commands have.
func (l *logger) addFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&l.format, "log", l.format, "messages as `FORMAT`: text, or json (an object a line, with the file, component, item and place of an error)")
	flags.BoolVarP(&l.quiet, "quiet", "q", false, "print errors only")
	flags.BoolVarP(&l.verbose, "verbose", "v", false, "also print what is read and written, each stage of the work, and what is left to the host")
	completeValues(root, "log", logText, logJSON)
}

// check checks the flags.
func (l *logger) check() error {
	switch format := l.format; {
	case format != logText && format != logJSON:
		l.format = logText
		return usageError{fmt.Errorf("--log=%s: the formats are %s and %s", format, logText, logJSON)}
	case l.quiet && l.verbose:
		return usageError{errors.New("--quiet and --verbose contradict each other: leave one out")}
	}
	return nil
}

// peek sets the format as the arguments say, of which later ones may be wrong, so that the message about these has it.
func (l *logger) peek(args []string) {
	flags := (&cobra.Command{}).Flags()
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	format := flags.String("log", logText, "")
	flags.BoolP("help", "h", false, "")
	if flags.Parse(args) == nil && *format == logJSON {
		l.format = logJSON
	}
}

// plainText reports whether nobody but a person at a terminal reads the messages, who may see a line of progress.
func (l *logger) plainText() bool { return l.format == logText && !l.quiet && !l.verbose }

// fail writes the error that ends a command. help is the command line that explains its usage, if that was wrong.
func (l *logger) fail(err error, status int, help string) {
	fields := append(errorFields(err), slog.Int("status", status))
	text := l.named("error", err)
	if help != "" {
		fields = append(fields, slog.String("help", help))
		text += "\nRun '" + help + "' for usage."
	}
	l.write(slog.LevelError, text, problem(err), fields)
}

// warn writes a warning.
func (l *logger) warn(err error) {
	l.write(slog.LevelWarn, l.named("warning", err), problem(err), errorFields(err))
}

// named returns the text of an error with the program's version.
func (l *logger) named(severity string, err error) string {
	return fmt.Sprintf("wasmfuse %s: %s: %s", version, severity, printable(err.Error()))
}

// done writes what a command has done, in a line.
func (l *logger) done(message string, fields ...slog.Attr) {
	l.write(slog.LevelInfo, printable(message), message, fields)
}

// detail writes what only --verbose shows.
func (l *logger) detail(message string, fields ...slog.Attr) {
	passed := now().Sub(l.start).Round(time.Millisecond).Seconds()
	l.write(slog.LevelDebug, fmt.Sprintf("wasmfuse: %.3f s: %s", passed, printable(message)), message, append(fields, slog.Float64("seconds", passed)))
}

// enter begins a stage, unless it is the current one.
func (l *logger) enter(stage string) {
	if stage != l.stage {
		l.stage = stage
		l.detail(stage, slog.String("stage", stage))
	}
}

// write writes a message: text is the lines for people, and message and fields what a JSON object has.
func (l *logger) write(level slog.Level, text, message string, fields []slog.Attr) {
	least := slog.LevelInfo
	switch {
	case l.quiet:
		least = slog.LevelError
	case l.verbose:
		least = slog.LevelDebug
	}
	switch {
	case level < least:
	case l.format == logJSON:
		r := slog.NewRecord(time.Time{}, level, message, 0) // without the time, the same run writes the same
		r.AddAttrs(fields...)
		slog.NewJSONHandler(l.w, &slog.HandlerOptions{Level: least, ReplaceAttr: jsonNames}).Handle(context.Background(), r)
	default:
		fmt.Fprintln(l.w, text)
	}
}

// jsonNames names what package slog adds to a message.
func jsonNames(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.LevelKey:
		if a.Value.Any() == slog.LevelWarn {
			return slog.String("level", "warning")
		}
		return slog.String("level", strings.ToLower(a.Value.String()))
	case slog.MessageKey:
		return slog.Attr{Key: "message", Value: a.Value}
	}
	return a
}

// problem returns the message of an error without what [errorFields] says.
func problem(err error) string {
	if e, ok := err.(*fusecore.Error); ok {
		return e.Problem()
	}
	return err.Error()
}

// errorFields returns what is known of the place of an error, and of its remedy.
func errorFields(err error) (fields []slog.Attr) {
	text := func(key, value string) {
		if value != "" {
			fields = append(fields, slog.String(key, value))
		}
	}
	text("version", version)
	if e := (*fileio.Error)(nil); errors.As(err, &e) {
		text("file", e.File)
	}
	e, m := (*fusecore.Error)(nil), (*fusecore.Mismatch)(nil)
	switch {
	case errors.As(err, &e):
		text("file", e.File)
		text("component", e.Inside())
		text("item", e.Item)
		if e.Offset >= 0 && e.Text == nil {
			fields = append(fields, slog.Int64("offset", e.Offset))
		}
		if e.Text != nil {
			fields = append(fields, slog.Int("line", e.Text.Line), slog.Int("column", e.Text.Column))
		}
		text("expected", e.Expected)
		text("found", e.Found)
		text("hint", e.Hint)
		text("proposal", e.Proposal)
	case errors.As(err, &m):
		text("expected", m.Expected)
		text("found", m.Found)
	}
	return fields
}

// printable escapes what could control a terminal.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || strconv.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		q := strconv.QuoteRune(r)
		b.WriteString(q[1 : len(q)-1])
	}
	return b.String()
}

// oneLine is like [printable], and escapes line breaks too.
func oneLine(s string) string { return strings.ReplaceAll(printable(s), "\n", `\n`) }

// plural returns a number of things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// write writes an output, and returns its size.
func (s streams) write(file string, b io.WriterTo) (int64, error) {
	c := &counter{b: b}
	if err := fileio.WriteFrom(file, c, s.out); err != nil {
		return c.n, err
	}
	if file == fileio.Std {
		file = "standard output"
	}
	s.log.detail(fmt.Sprintf("wrote %s: %s", file, reporting.Size(c.n)), slog.String("file", file), slog.Int64("bytes", c.n))
	return c.n, nil
}

// counter counts what is written.
type counter struct {
	b io.WriterTo
	n int64
}

// WriteTo implements [io.WriterTo].
func (c *counter) WriteTo(w io.Writer) (n int64, err error) {
	c.n, err = c.b.WriteTo(w)
	return c.n, err
}
