// This file implements internal errors.

package diag

import (
	"context"
	"fmt"
	"runtime/debug"
)

// Internal is an error that is not caused by an input: a bug in the program, or in the code it generated.
type Internal struct {
	Msg   string
	Err   error  // cause, or nil; not unwrapped, because a cause that is an [Error] is not about an input
	Stack []byte // of a panic, or nil
}

func (e *Internal) Error() string {
	s := "internal error: " + e.Msg
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Stack != nil {
		s += "\n" + string(e.Stack)
	}
	return s
}

// Recover, when deferred, turns a panic into an [Internal].
func Recover(err *error) {
	if p := recover(); p != nil {
		*err = fromPanic(p)
	}
}

// Settle, when deferred, turns a panic into an [Internal], and any error after the context is done into the context's
// cause.
func Settle(ctx context.Context, err *error) {
	if p := recover(); p != nil {
		*err = fromPanic(p)
	}
	if *err != nil && ctx.Err() != nil {
		*err = context.Cause(ctx)
	}
}

func fromPanic(p any) error { return &Internal{Msg: fmt.Sprint(p), Stack: debug.Stack()} }
