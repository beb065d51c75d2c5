// This file implements string encodings.

package cabi

import (
	"fmt"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
)

// Encoding is a string encoding, identified by the canonical option that selects it. UTF8, the default, is the zero
// value.
type Encoding component.OptKind

// The string encodings.
const (
	UTF8        = Encoding(component.OptUTF8)
	UTF16       = Encoding(component.OptUTF16)
	Latin1UTF16 = Encoding(component.OptLatin1UTF16)
)

// String returns the specification's name for the encoding.
func (e Encoding) String() string {
	switch e {
	case UTF8:
		return "utf8"
	case UTF16:
		return "utf16"
	case Latin1UTF16:
		return "latin1+utf16"
	}
	return fmt.Sprintf("encoding(%d)", byte(e))
}
