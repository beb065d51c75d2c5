// This file implements the reading of backtraces.

package wasmtime

import (
	"regexp"
	"strings"
)

// innermost matches the first line of a backtrace, which ends with the function's name after an offset and the module's
// name.
var innermost = regexp.MustCompile(`(?m)^\s*0:\s+0x[0-9a-f]+ - [^!\n]*!(.*)$`)

// innermostFunction returns the name of the function in which a trap with this message occurred, as runner.Trap has it.
func innermostFunction(message string) string {
	if m := innermost.FindStringSubmatch(message); m != nil && !strings.HasPrefix(m[1], "<wasm function ") {
		return m[1]
	}
	return ""
}
