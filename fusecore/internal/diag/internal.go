package diag

import (
	"fmt"
	"runtime/debug"
)

// Internal is an error that no input explains: a fault of the program, or of what it generated.
type Internal struct {
	Msg   string
	Err   error  // cause; may be nil
	Stack []byte // of a panic; may be nil
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

// Recover, when it is deferred, turns a panic into an [Internal].
func Recover(err *error) {
	if p := recover(); p != nil {
		*err = &Internal{Msg: fmt.Sprint(p), Stack: debug.Stack()}
	}
}
