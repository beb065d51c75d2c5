// Package runner is what engines that run components have in common. Package wasmtime is one of them, package wazerun the
// other.
//
// Arguments and results are WAVE text (`"wörld"`, `{x: 1, y: -2}`, `[1, 2]`, `some(3)`, `ok("a")`, `{read, exec}`), so
// that results compare as strings. A handle is written host(REP) if its resource type is one of Options.Resources, and
// res(N), the Nth that the instance has passed out, if a guest defines the type. Calls of registered host functions are
// recorded in order.
package runner

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// DefaultTimeout is the default limit on the duration of a call.
const DefaultTimeout = time.Minute

// HostFunc implements a host function. args and the result are WAVE text of the function's declared types; the result
// is "" for a function without one. An error traps the guest.
type HostFunc func(args []string) (result string, err error)

// WASI is the environment of a guest through WASI.
type WASI struct {
	Args []string
	Env  [][2]string
	// Stdin is the guest's standard input, or with InheritStdin, this process's is.
	Stdin        string
	InheritStdin bool
	// Stdout and Stderr receive the guest's output as it is written. Where they are nil, it is captured.
	Stdout, Stderr io.Writer
	Dirs           []Dir
}

// Dir is a folder that a guest has.
type Dir struct {
	Guest    string // the guest's name for it
	Host     string // its path on this machine
	ReadOnly bool
}

// Options describes what the host provides. Other imports trap when they are called.
type Options struct {
	// WASI provides wasi:cli and its dependencies, version 0.2.
	WASI *WASI
	// Funcs are host functions by import name: "func" or "ns:pkg/iface@1.0.0#func".
	Funcs map[string]HostFunc
	// Resources are the resource types that the host defines, by name as in Funcs ("iface#res"), with their
	// destructors, which may be nil. A drop is recorded as a call of "iface#[drop]res".
	Resources map[string]func(rep uint32)
	// Precompiled says that files are machine code that an engine of the same kind has compiled ahead of time. It is trusted.
	Precompiled bool
	// Timeout of an instantiation or call. 0 means DefaultTimeout. A negative value means none.
	Timeout time.Duration
}

// Engine runs components. Only one goroutine may use it at a time.
type Engine interface {
	// Load compiles and instantiates a component. A *Trap means that instantiation trapped; other errors mean that the
	// component is invalid or does not match what the host provides.
	Load(wasm []byte) (Instance, error)
	// Close frees the engine. Its instances must be closed first.
	Close()
}

// Instance is an instantiated component.
type Instance interface {
	// Call calls an export, "func" or "ns:pkg/iface@1.0.0#func". The result is "" for a function without one. After a trap
	// the instance is unusable.
	Call(name string, args ...string) (result string, err error)
	// Invoke makes a call that is written as text.
	Invoke(call string) (result string, err error)
	// Run runs a command. The error is an *Exit if it ends with a status other than 0, and ErrNoCommand if it is not one.
	Run() error
	// DropResource drops the handle res(n).
	DropResource(n int) error
	// Log returns the host calls so far, in order.
	Log() []HostCall
	// Stdout and Stderr return the guest's output so far, as far as it is captured.
	Stdout() string
	Stderr() string
	// Close frees the instance.
	Close()
}

// Trap is an error of running code: a trap, or a violation of the Canonical ABI that the runtime found.
type Trap struct {
	Stage    string // "instantiate", "call" or "post-return"
	Message  string // the runtime's message, with the backtrace
	Function string // in which the trap occurred, by the module's name section
	// Log has the calls of host functions that were made before instantiation trapped.
	Log []HostCall
}

func (t *Trap) Error() string { return t.Stage + ": " + t.Message }

// Frame returns the name of the function in which the trap occurred. It is "" if no wasm function was running or it has
// no name.
func (t *Trap) Frame() string { return t.Function }

// Exit is a guest's call of wasi:cli/exit, or a command's error result.
type Exit struct{ Status int }

func (e *Exit) Error() string { return fmt.Sprintf("exit status %d", e.Status) }

// ErrNoCommand is the error of Run for what is not a command.
var ErrNoCommand = errors.New("it is not a command")

// IsTrap reports whether err is a *Trap.
func IsTrap(err error) bool {
	var t *Trap
	return errors.As(err, &t)
}

// HostCall is one call of a host function, or the drop of a host resource.
type HostCall struct {
	Name   string
	Args   []string
	Result string
}

func (c HostCall) String() string {
	s := c.Name + "(" + strings.Join(c.Args, ", ") + ")"
	if c.Result != "" {
		s += " -> " + c.Result
	}
	return s
}
