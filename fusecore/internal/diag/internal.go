package diag

import (
	"fmt"
	"runtime/debug"
)

// Internal is an error that is not caused by an input: a bug in the program, or in the code it generated.
type Internal struct {
	Msg   string
	Err   error  // cause; may be nil
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

// Unwrap returns the cause.
func (e *Internal) Unwrap() error { return e.Err }

// Recover, when deferred, turns a panic into an [Internal].
func Recover(err *error) { Settle(recover(), err) }

// Settle sets an error to an [Internal] where there was a panic: p is what recover returned.
func Settle(p any, err *error) {
	if p != nil {
		*err = &Internal{Msg: fmt.Sprint(p), Stack: debug.Stack()}
	}
}
