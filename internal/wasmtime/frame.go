// This file implements the reading of backtraces.

package wasmtime

import (
	"regexp"
	"strings"
)

// innermost matches the first line of a backtrace, which ends with the function's name after an offset and the module's
// name.
var innermost = regexp.MustCompile(`(?m)^\s*0:\s+0x[0-9a-f]+ - [^!\n]*!(.*)$`)

// Frame returns the name, from the module's name section, of the function in which the trap occurred. It is "" if no
// wasm function was running or it has no name.
func (t *Trap) Frame() string {
	if m := innermost.FindStringSubmatch(t.Message); m != nil && !strings.HasPrefix(m[1], "<wasm function ") {
		return m[1]
	}
	return ""
}
