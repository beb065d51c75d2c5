// This file implements errors of running code.

package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/engine/internal/core"
)

// Trap is an error of running code: a trap of the guest, a violation of the Canonical ABI, or an error that a host
// function returned. The instance cannot be used any more.
type Trap struct {
	Func   string   // that was called
	Msg    string   // what went wrong
	Frames []string // names of the running functions, innermost first, as far as the module names them
	Err    error    // of a host function, or nil
}

// Error returns the problem on one line, and the frames on further ones.
func (t *Trap) Error() string {
	s := t.Msg
	if t.Func != "" {
		s = t.Func + ": " + s
	}
	for _, f := range t.Frames {
		s += "\n  at " + f
	}
	return s
}

// Unwrap returns the error of the host function.
func (t *Trap) Unwrap() error { return t.Err }

// Exit is a guest's end of the program, by wasi:cli/exit, proc_exit, or an error result of a command's run function.
// The instance cannot be used any more.
type Exit struct{ Code uint32 }

// Error returns the code as text.
func (e *Exit) Error() string { return fmt.Sprintf("exit status %d", e.Code) }

// trap panics with a violation of the Canonical ABI. Calls recover it.
func trap(format string, args ...any) { panic(&Trap{Msg: fmt.Sprintf(format, args...)}) }

// valueError is a Go value that its WIT type does not have.
type valueError struct{ error }

// badValue panics with a Go value that its WIT type does not have. Calls recover it.
func badValue(format string, args ...any) { panic(valueError{fmt.Errorf(format, args...)}) }

// failure returns the error of a call from the error that wazero returned.
func (c *Component) failure(ctx context.Context, name string, err error) error {
	inner := outermost(err) // of a host function, or of lifting and lowering for one
	var exit *sys.ExitError
	if inner == nil && errors.As(err, &exit) {
		if c.rt.closed.Load() {
			return &Trap{Func: name, Msg: errRuntimeClosed.Error(), Err: errRuntimeClosed}
		}
		switch exit.ExitCode() {
		case sys.ExitCodeContextCanceled, sys.ExitCodeDeadlineExceeded:
			if cause := context.Cause(ctx); cause != nil {
				return cause
			} // else the guest has ended with this code
		}
		return &Exit{exit.ExitCode()}
	}
	if ended, ok := inner.(*Exit); ok {
		return ended
	}
	msg, frames := core.Trap(err, c.mod.Name())
	out := &Trap{Func: name, Msg: msg, Frames: frames}
	if t, ok := inner.(*Trap); ok {
		out.Msg, out.Err = t.Msg, t.Err
	}
	return out
}

// outermost returns the first *Trap or *Exit in a chain of errors, or nil.
func outermost(err error) error {
	for ; err != nil; err = errors.Unwrap(err) {
		switch err.(type) {
		case *Trap, *Exit:
			return err
		}
	}
	return nil
}
