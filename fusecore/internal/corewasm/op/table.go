// This file implements the rows of the opcode table for one-byte, garbage collection and miscellaneous instructions.

package op

import "strings"

// run is a row of the table: instructions with consecutive opcodes, and with the same immediates and type.
type run struct {
	first Op
	imm   Imm
	typ   string // "params:results", or empty if the type depends on the context
	align uint8  // or number of lanes, for immediates without a memarg
	names string // separated by spaces; "-" skips an opcode
}

var (
	single [256]Info
	multi  [4][]Info // by prefix from PrefixGC
)

var _ = build() // before any use, since package-level variables are initialised before init functions and main

func build() bool {
	for _, rows := range [][]run{plainRows, gcRows, miscRows, simdRows, atomicRows} {
		for _, r := range rows {
			for i, name := range strings.Fields(r.names) {
				if name != "-" {
					place(r.first+Op(i), r.info(name))
				}
			}
		}
	}
	for _, o := range constOps {
		o.Get().Const = true
	}
	for o, lanes := range laneMemargs {
		o.Get().Lanes = lanes
	}
	return true
}

func (r *run) info(name string) Info {
	in := Info{Name: name, Imm: r.imm}
	in.Params, in.Results, in.Typed = strings.Cut(r.typ, ":")
	if r.imm == Lane || r.imm == Shuffle {
		in.Lanes = r.align
	} else {
		in.Align = r.align
	}
	in.Exact = r.first.Prefix() == PrefixAtomic && r.imm == Memarg
	return in
}

func place(o Op, in Info) {
	if o < 0x100 {
		single[o] = in
		return
	}
	t := &multi[o.Prefix()-PrefixGC]
	for len(*t) <= int(o&0xffff) {
		*t = append(*t, Info{})
	}
	(*t)[o&0xffff] = in
}

// constOps are the constant instructions (core specification 3.0, "Validation / Instructions / Constant Expressions").
var constOps = []Op{
	GlobalGet, I32Const, I64Const, F32Const, F64Const, V128Const, RefNull, RefFunc, RefI31, 0x6a, 0x6b, 0x6c, 0x7c, 0x7d,
	0x7e, StructNew, StructNewDefault, ArrayNew, ArrayNewDefault, ArrayNewFixed, AnyConvertExtern, ExternConvertAny, End,
}

var plainRows = []run{
	{0x00, None, "", 0, "unreachable"},
	{0x01, None, ":", 0, "nop"},
	{0x02, BlockType, "", 0, "block loop if"},
	{0x05, None, "", 0, "else"},
	{0x06, BlockType, "", 0, "try"},
	{0x07, Tag, "", 0, "catch throw"},
	{0x09, Label, "", 0, "rethrow"},
	{0x0a, None, "", 0, "throw_ref end"},
	{0x0c, Label, "", 0, "br br_if"},
	{0x0e, Labels, "", 0, "br_table"},
	{0x0f, None, "", 0, "return"},
	{0x10, Func, "", 0, "call"},
	{0x11, TypeTable, "", 0, "call_indirect"},
	{0x12, Func, "", 0, "return_call"},
	{0x13, TypeTable, "", 0, "return_call_indirect"},
	{0x14, Type, "", 0, "call_ref return_call_ref"},
	{0x18, Label, "", 0, "delegate"},
	{0x19, None, "", 0, "catch_all drop select"},
	{0x1c, Types, "", 0, "select"},
	{0x1f, TryTable, "", 0, "try_table"},
	{0x20, Local, "", 0, "local.get local.set local.tee"},
	{0x23, Global, "", 0, "global.get global.set"},
	{0x25, Table, "", 0, "table.get table.set"},
	{0x28, Memarg, "a:i", 2, "i32.load"},
	{0x29, Memarg, "a:l", 3, "i64.load"},
	{0x2a, Memarg, "a:f", 2, "f32.load"},
	{0x2b, Memarg, "a:d", 3, "f64.load"},
	{0x2c, Memarg, "a:i", 0, "i32.load8_s i32.load8_u"},
	{0x2e, Memarg, "a:i", 1, "i32.load16_s i32.load16_u"},
	{0x30, Memarg, "a:l", 0, "i64.load8_s i64.load8_u"},
	{0x32, Memarg, "a:l", 1, "i64.load16_s i64.load16_u"},
	{0x34, Memarg, "a:l", 2, "i64.load32_s i64.load32_u"},
	{0x36, Memarg, "ai:", 2, "i32.store"},
	{0x37, Memarg, "al:", 3, "i64.store"},
	{0x38, Memarg, "af:", 2, "f32.store"},
	{0x39, Memarg, "ad:", 3, "f64.store"},
	{0x3a, Memarg, "ai:", 0, "i32.store8"},
	{0x3b, Memarg, "ai:", 1, "i32.store16"},
	{0x3c, Memarg, "al:", 0, "i64.store8"},
	{0x3d, Memarg, "al:", 1, "i64.store16"},
	{0x3e, Memarg, "al:", 2, "i64.store32"},
	{0x3f, Mem, ":a", 0, "memory.size"},
	{0x40, Mem, "a:a", 0, "memory.grow"},
	{0x41, I32, ":i", 0, "i32.const"},
	{0x42, I64, ":l", 0, "i64.const"},
	{0x43, F32, ":f", 0, "f32.const"},
	{0x44, F64, ":d", 0, "f64.const"},
	{0x45, None, "i:i", 0, "i32.eqz"},
	{0x46, None, "ii:i", 0, "i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u"},
	{0x50, None, "l:i", 0, "i64.eqz"},
	{0x51, None, "ll:i", 0, "i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u"},
	{0x5b, None, "ff:i", 0, "f32.eq f32.ne f32.lt f32.gt f32.le f32.ge"},
	{0x61, None, "dd:i", 0, "f64.eq f64.ne f64.lt f64.gt f64.le f64.ge"},
	{0x67, None, "i:i", 0, "i32.clz i32.ctz i32.popcnt"},
	{0x6a, None, "ii:i", 0, "i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor " +
		"i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr"},
	{0x79, None, "l:l", 0, "i64.clz i64.ctz i64.popcnt"},
	{0x7c, None, "ll:l", 0, "i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor " +
		"i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr"},
	{0x8b, None, "f:f", 0, "f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt"},
	{0x92, None, "ff:f", 0, "f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign"},
	{0x99, None, "d:d", 0, "f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt"},
	{0xa0, None, "dd:d", 0, "f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign"},
	{0xa7, None, "l:i", 0, "i32.wrap_i64"},
	{0xa8, None, "f:i", 0, "i32.trunc_f32_s i32.trunc_f32_u"},
	{0xaa, None, "d:i", 0, "i32.trunc_f64_s i32.trunc_f64_u"},
	{0xac, None, "i:l", 0, "i64.extend_i32_s i64.extend_i32_u"},
	{0xae, None, "f:l", 0, "i64.trunc_f32_s i64.trunc_f32_u"},
	{0xb0, None, "d:l", 0, "i64.trunc_f64_s i64.trunc_f64_u"},
	{0xb2, None, "i:f", 0, "f32.convert_i32_s f32.convert_i32_u"},
	{0xb4, None, "l:f", 0, "f32.convert_i64_s f32.convert_i64_u"},
	{0xb6, None, "d:f", 0, "f32.demote_f64"},
	{0xb7, None, "i:d", 0, "f64.convert_i32_s f64.convert_i32_u"},
	{0xb9, None, "l:d", 0, "f64.convert_i64_s f64.convert_i64_u"},
	{0xbb, None, "f:d", 0, "f64.promote_f32"},
	{0xbc, None, "f:i", 0, "i32.reinterpret_f32"},
	{0xbd, None, "d:l", 0, "i64.reinterpret_f64"},
	{0xbe, None, "i:f", 0, "f32.reinterpret_i32"},
	{0xbf, None, "l:d", 0, "f64.reinterpret_i64"},
	{0xc0, None, "i:i", 0, "i32.extend8_s i32.extend16_s"},
	{0xc2, None, "l:l", 0, "i64.extend8_s i64.extend16_s i64.extend32_s"},
	{0xd0, Heap, "", 0, "ref.null"},
	{0xd1, None, "", 0, "ref.is_null"},
	{0xd2, Func, "", 0, "ref.func"},
	{0xd3, None, "", 0, "ref.eq ref.as_non_null"},
	{0xd5, Label, "", 0, "br_on_null br_on_non_null"},
}

var gcRows = []run{
	{gc | 0, Type, "", 0, "struct.new struct.new_default"},
	{gc | 2, TypeField, "", 0, "struct.get struct.get_s struct.get_u struct.set"},
	{gc | 6, Type, "", 0, "array.new array.new_default"},
	{gc | 8, TypeCount, "", 0, "array.new_fixed"},
	{gc | 9, TypeData, "", 0, "array.new_data"},
	{gc | 10, TypeElem, "", 0, "array.new_elem"},
	{gc | 11, Type, "", 0, "array.get array.get_s array.get_u array.set"},
	{gc | 15, None, "", 0, "array.len"},
	{gc | 16, Type, "", 0, "array.fill"},
	{gc | 17, TypeType, "", 0, "array.copy"},
	{gc | 18, TypeData, "", 0, "array.init_data"},
	{gc | 19, TypeElem, "", 0, "array.init_elem"},
	{gc | 20, Heap, "", 0, "ref.test ref.test ref.cast ref.cast"},
	{gc | 24, CastLabel, "", 0, "br_on_cast br_on_cast_fail"},
	{gc | 26, None, "", 0, "any.convert_extern extern.convert_any ref.i31 i31.get_s i31.get_u"},
}

var miscRows = []run{
	{misc | 0, None, "f:i", 0, "i32.trunc_sat_f32_s i32.trunc_sat_f32_u"},
	{misc | 2, None, "d:i", 0, "i32.trunc_sat_f64_s i32.trunc_sat_f64_u"},
	{misc | 4, None, "f:l", 0, "i64.trunc_sat_f32_s i64.trunc_sat_f32_u"},
	{misc | 6, None, "d:l", 0, "i64.trunc_sat_f64_s i64.trunc_sat_f64_u"},
	{misc | 8, DataMem, "", 0, "memory.init"},
	{misc | 9, Data, ":", 0, "data.drop"},
	{misc | 10, MemMem, "", 0, "memory.copy"},
	{misc | 11, Mem, "aia:", 0, "memory.fill"},
	{misc | 12, ElemTable, "", 0, "table.init"},
	{misc | 13, Elem, ":", 0, "elem.drop"},
	{misc | 14, TableTable, "", 0, "table.copy"},
	{misc | 15, Table, "", 0, "table.grow"},
	{misc | 16, Table, ":a", 0, "table.size"},
	{misc | 17, Table, "", 0, "table.fill"},
	{misc | 19, None, "llll:ll", 0, "i64.add128 i64.sub128"},
	{misc | 21, None, "ll:ll", 0, "i64.mul_wide_s i64.mul_wide_u"},
}
