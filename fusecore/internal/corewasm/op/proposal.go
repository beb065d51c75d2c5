package op

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"

// Proposals outside of the core specification 3.0 that have codes of their own. They are known so that they can be
// refused by name.
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

// codes is a range of codes that a proposal has.
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

// instrProposals are by prefix; 0 stands for one-byte opcodes.
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

// DefProposal names the proposal that a code where a type definition is expected belongs to; it is empty for any other.
func DefProposal(b byte) string { return proposalIn(defProposals, uint32(b)) }

// Refuse records that a proposal is not supported, at a position of B and unless there is an error already.
func (c *Cursor) Refuse(pos int, what, proposal string) {
	if c.Err == nil {
		c.Err = Unsupported(c.Base+int64(pos), what, proposal)
	}
}

// Unsupported is the error about the use of a proposal at an offset.
func Unsupported(offset int64, what, proposal string) *diag.Error {
	return diag.At(offset, "%s is of the proposal %s, which is not supported", what, proposal).WithHint("build the module without %s", proposal)
}

// failType complains about a byte where a type is expected.
func (c *Cursor) failType(pos int, b byte, format string, args ...any) {
	if p := proposalIn(typeProposals, uint32(b)); p != "" {
		c.Refuse(pos, "this type", p)
		return
	}
	c.Fail(pos, format, args...)
}
