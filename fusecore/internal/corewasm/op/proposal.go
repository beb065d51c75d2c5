// This file implements errors for proposals that are not supported.

package op

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"

// Proposals beyond the core specification 3.0 that have codes of their own, which are known so that they can be
// rejected by name.
const (
	CustomDescriptors = "custom-descriptors"
	CustomPageSizes   = "custom-page-sizes"
	SharedEverything  = "shared-everything-threads"
	CompactImports    = "compact-import-section"
	stackSwitching    = "stack-switching"
	stringRef         = "stringref"
	halfPrecision     = "half-precision"
	memoryControl     = "memory-control"
)

// codes is a range of codes that belongs to a proposal.
type codes struct {
	first, last uint32
	proposal    string
}

func proposalIn(table []codes, code uint32) string {
	for _, c := range table {
		if c.first <= code && code <= c.last {
			return c.proposal
		}
	}
	return ""
}

// instrProposals are by prefix; 0 means one-byte opcodes.
var instrProposals = map[byte][]codes{
	0:            {{0xe0, 0xe6, stackSwitching}},
	PrefixGC:     {{0x20, 0x26, CustomDescriptors}, {0x80, 0xb7, stringRef}},
	PrefixMisc:   {{0x12, 0x12, memoryControl}, {0x30, 0x31, halfPrecision}},
	PrefixSIMD:   {{0x120, 0x14f, halfPrecision}},
	PrefixAtomic: {{0x04, 0x04, SharedEverything}, {0x4f, 0x72, SharedEverything}},
}

// typeProposals are the codes of value types and heap types.
var typeProposals = []codes{
	{0x61, 0x61, stringRef},         // stringview_iter
	{0x62, 0x62, CustomDescriptors}, // exact
	{0x65, 0x65, SharedEverything},  // shared
	{0x66, 0x67, stringRef},         // stringview_wtf8, stringref
	{0x68, 0x68, stackSwitching},    // cont
	{0x75, 0x75, stackSwitching},    // nocont
}

// defProposals are the codes of type definitions.
var defProposals = []codes{
	{0x4c, 0x4d, CustomDescriptors}, // describes, descriptor
	{0x5d, 0x5d, stackSwitching},    // cont
	{0x65, 0x65, SharedEverything},  // shared
}

// DefProposal returns the name of the proposal that a type definition's code belongs to, or "".
func DefProposal(b byte) string { return proposalIn(defProposals, uint32(b)) }

// Refuse records that a proposal is not supported, at a position of B, unless there is already an error.
func (c *Cursor) Refuse(pos int, what, proposal string) {
	if c.Err == nil {
		c.Err = Unsupported(c.Base+int64(pos), what, proposal)
	}
}

// Unsupported returns the error for the use of a proposal at an offset.
func Unsupported(offset int64, what, proposal string) *diag.Error {
	e := diag.At(offset, "%s belongs to the proposal %s, which is not supported", what, proposal).WithHint("build the module without %s", proposal)
	e.Proposal = proposal
	return e
}

// failType reports an error about a byte where a type is expected.
func (c *Cursor) failType(pos int, b byte, format string, args ...any) {
	if p := proposalIn(typeProposals, uint32(b)); p != "" {
		c.Refuse(pos, "this type", p)
		return
	}
	c.Fail(pos, format, args...)
}
