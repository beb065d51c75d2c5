package decode_test

import (
	"testing"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component/decode"
)

// malformed are sections with one error each; at is its offset in the content.
var malformed = []struct {
	name    string
	id      byte
	content string
	at      int64
	part    string
}{
	{"no count", 7, "", 0, "expected the number of types"},
	{"count too large", 7, "\x02\x73", 0, "2 types are announced, but only 1 bytes remain"},
	{"count beyond 32 bits", 7, "\xff\xff\xff\xff\x1f\x73", 0, "integer too large"},
	{"count too long", 7, "\x80\x80\x80\x80\x80\x00", 0, "too long"},
	{"count without end", 7, "\x80\x80", 2, "unexpected end"},
	{"bytes after the last entry", 7, "\x01\x73\x73", 2, "1 bytes after its last entry"},
	{"custom name too long", 0, "\x05ab", 1, "5 bytes of the custom section's name, but only 2 remain"},
	{"custom name not UTF-8", 0, "\x02\xff\xfe", 1, "malformed UTF-8"},
	{"surrogate in a name", 0, "\x03\xed\xa0\x80", 1, "malformed UTF-8"},
	{"core module preamble", 1, preamble, 4, "core module 0"},
	{"core module empty", 1, "", 0, "core module 0"},
	{"nested core module", 4, coreModule, 0, "this is a core module"},
	{"nested version", 4, "\x00asm\x0c\x00\x01\x00", 4, "component 0: preamble: unknown component version"},
	{"core instance form", 2, "\x01\x02\x00\x00", 1, "expected 0x00 (instantiate) or 0x01"},
	{"core argument sort", 2, "\x01\x00\x00\x01\x01i\x00\x00", 6, "expected 0x12"},
	{"core export sort", 2, "\x01\x01\x01\x01f\x05\x00", 5, "expected a core sort"},
	{"instance form", 5, "\x01\x02\x00\x00", 1, "expected 0x00 (instantiate) or 0x01"},
	{"argument sort", 5, "\x01\x00\x00\x01\x01i\x06\x00", 6, "expected a sort"},
	{"inline export name", 5, "\x01\x01\x01\x03\x01x\x03\x00", 3, "before a name"},
	{"alias sort", 6, "\x01\x06\x02\x00\x00", 1, "expected a sort"},
	{"alias core sort 0x05", 6, "\x01\x00\x05\x02\x00\x00", 2, "expected a core sort"},
	{"alias core sort 0x13", 6, "\x01\x00\x13\x02\x00\x00", 2, "expected a core sort"},
	{"alias target", 6, "\x01\x03\x03\x00\x00", 2, "for the target of an alias"},
	{"outer instance", 6, "\x01\x05\x02\x00\x00", 1, "outer alias of sort instance"},
	{"outer function", 6, "\x01\x01\x02\x00\x00", 1, "outer alias of sort func"},
	{"outer core function", 6, "\x01\x00\x00\x02\x00\x00", 1, "outer alias of sort core func"},
	{"type code 0x62", 7, "\x01\x62", 1, "expected a type definition"},
	{"type code 0x44", 7, "\x01\x44", 1, "expected a type definition"},
	{"type code 0x3e", 7, "\x01\x3e", 1, "expected a type definition"},
	{"type code 0x00", 7, "\x01\x00", 1, "expected a type definition"},
	{"value type is a constructor", 7, "\x01\x70\x70", 2, "expected a value type"},
	{"value type in two bytes", 7, "\x01\x70\xff\x7f", 2, "expected a value type"},
	{"value type beyond 33 bits", 7, "\x01\x70\x80\x80\x80\x80\x20", 2, "integer too large"},
	{"result option", 7, "\x01\x6a\x02", 2, "expected 0x00 or 0x01"},
	{"case end", 7, "\x01\x71\x01\x01c\x00\x01", 6, "expected 0x00 at the end of a variant case"},
	{"result list code", 7, "\x01\x40\x00\x02\x00", 3, "for a result list"},
	{"result list count", 7, "\x01\x40\x00\x01\x01", 4, "the number of results"},
	{"resource destructor", 7, "\x01\x3f\x7f\x02", 3, "whether a resource has a destructor"},
	{"resource representation", 7, "\x01\x3f\x00\x00", 2, "value type"},
	{"component declarator", 7, "\x01\x41\x01\x05\x73", 3, "declarator of a component type"},
	{"import in an instance type", 7, "\x01\x42\x01\x03\x00\x01a\x03\x01", 3, "declarator of an instance type"},
	{"core type", 3, "\x01\x61", 1, "expected a function, struct or array type"},
	{"core type after 0x00", 3, "\x01\x00\x60\x00\x00", 2, "expected 0x50 (sub)"},
	{"module type declarator", 3, "\x01\x50\x01\x04\x60\x00\x00", 3, "declarator of a module type"},
	{"module type alias sort", 3, "\x01\x50\x01\x02\x00\x01\x01\x00", 4, "expected 0x10"},
	{"module type alias target", 3, "\x01\x50\x01\x02\x10\x00\x01\x00", 5, "expected 0x01 (outer)"},
	{"module type export sort", 3, "\x01\x50\x01\x03\x01e\x05\x00", 6, "core external type"},
	{"table of numbers", 3, "\x01\x50\x01\x03\x01e\x01\x7f\x00\x00", 7, "reference type"},
	{"table flags", 3, "\x01\x50\x01\x03\x01e\x01\x70\x08\x00", 8, "limits"},
	{"shared table", 3, "\x01\x50\x01\x03\x01e\x01\x70\x02\x00", 8, "a shared table belongs to the proposal shared-everything-threads, which is not supported"},
	{"continuation type", 3, "\x01\x5d\x00", 1, "belongs to the proposal stack-switching"},
	{"shared type", 3, "\x01\x65\x60\x00\x00", 1, "belongs to the proposal shared-everything-threads"},
	{"descriptor", 3, "\x01\x4d\x00\x5f\x00", 1, "belongs to the proposal custom-descriptors"},
	{"gc option", 8, "\x01\x00\x00\x00\x01\x09\x00", 5, "the canonical option gc belongs to the proposal to lift and lower through types of core GC"},
	{"core-type option", 8, "\x01\x00\x00\x00\x01\x08\x00\x00", 5, "the canonical option core-type belongs to the proposal"},
	{"memory flags", 3, "\x01\x50\x01\x03\x01e\x02\x10\x00", 7, "limits"},
	{"tag attribute", 3, "\x01\x50\x01\x03\x01e\x04\x01\x00", 7, "attribute of a tag"},
	{"global mutability", 3, "\x01\x50\x01\x03\x01e\x03\x7f\x02", 8, "mutability"},
	{"heap type", 3, "\x01\x60\x01\x64\x40\x00", 4, "heap type"},
	{"lift sort", 8, "\x01\x00\x01\x00\x00\x00", 2, "canon lift"},
	{"lower sort", 8, "\x01\x01\x01\x00\x00", 2, "canon lower"},
	{"canonical option", 8, "\x01\x01\x00\x00\x01\x0a", 5, "expected a canonical option"},
	{"cancellable", 8, "\x01\x0c\x02", 2, "expected 0x00 or 0x01"},
	{"wait cancellable", 8, "\x01\x20\x02\x00", 2, "expected 0x00 or 0x01"},
	{"async", 8, "\x01\x06\x02", 2, "expected 0x00 or 0x01"},
	{"shared", 8, "\x01\x42\x02", 2, "expected 0x00 or 0x01"},
	{"name form", 10, "\x01\x03\x01a\x01\x00", 1, "before a name"},
	{"attribute kind", 10, "\x01\x02\x01a\x01\x03\x01x\x01\x00", 5, "for an attribute"},
	{"external type", 10, "\x01\x00\x01x\x06\x00", 4, "for an external type"},
	{"external module", 10, "\x01\x00\x01m\x00\x00", 5, "expected 0x11"},
	{"type bound", 10, "\x01\x00\x01t\x03\x02", 5, "a type bound"},
	{"value bound", 10, "\x01\x00\x01v\x02\x02", 5, "a value bound"},
	{"import name not UTF-8", 10, "\x01\x00\x02\xff\xfe\x01\x00", 3, "malformed UTF-8"},
	{"export type flag", 11, "\x01\x00\x01e\x01\x00\x02", 6, "whether an export has a type"},
	{"export sort", 11, "\x01\x00\x01e\x06\x00\x00", 4, "expected a sort"},
	{"value too long", 12, "\x01\x7d\x05\x2a", 3, "5 bytes of a value, but only 1 remain"},
	{"section id", 13, "", -2, "expected a section id"},
}

func TestMalformed(t *testing.T) {
	const content = 10 // offset of the content of the first section
	for _, c := range malformed {
		t.Run(c.name, func(t *testing.T) {
			_, err := decode.Component(file(section(c.id, c.content)))
			wantError(t, err, content+c.at, c.part)
			// The following section must not be decoded as part of the malformed one.
			_, err = decode.Component(file(section(c.id, c.content), section(7, "\x01\x73")))
			wantError(t, err, content+c.at, c.part)
		})
	}
}

func TestSectionSize(t *testing.T) {
	for _, c := range []struct {
		name, in string
		offset   int64
		part     string
	}{
		{"missing", "\x07", 9, "expected the section's size"},
		{"cut", "\x00\x80\x80", 11, "expected the section's size"},
		{"larger than the file", "\x07\x03\x00", 9, "section of 3 bytes, but only 1 bytes remain"},
		{"beyond 32 bits", "\x07\x81\x80\x80\x80\x70\x00", 9, "integer too large"},
		{"larger than the nested component", "\x04\x0a" + preamble + "\x07\x03\x01\x73", 19, "section of 3 bytes, but only 0 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := decode.Component([]byte(preamble + c.in))
			wantError(t, err, c.offset, c.part)
		})
	}
}
