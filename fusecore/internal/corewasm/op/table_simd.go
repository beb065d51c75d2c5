// This file implements the rows of the opcode table for vector and atomic instructions.

package op

// laneMemargs are the accesses of one lane, by access size, which determines the number of lanes.
var laneMemargs = map[Op]uint8{
	simd | 0x54: 16, simd | 0x55: 8, simd | 0x56: 4, simd | 0x57: 2,
	simd | 0x58: 16, simd | 0x59: 8, simd | 0x5a: 4, simd | 0x5b: 2,
}

var simdRows = []run{
	{simd | 0x00, Memarg, "a:v", 4, "v128.load"},
	{simd | 0x01, Memarg, "a:v", 3, "v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u v128.load32x2_s " +
		"v128.load32x2_u"},
	{simd | 0x07, Memarg, "a:v", 0, "v128.load8_splat"},
	{simd | 0x08, Memarg, "a:v", 1, "v128.load16_splat"},
	{simd | 0x09, Memarg, "a:v", 2, "v128.load32_splat"},
	{simd | 0x0a, Memarg, "a:v", 3, "v128.load64_splat"},
	{simd | 0x0b, Memarg, "av:", 4, "v128.store"},
	{simd | 0x0c, V128, ":v", 0, "v128.const"},
	{simd | 0x0d, Shuffle, "vv:v", 32, "i8x16.shuffle"},
	{simd | 0x0e, None, "vv:v", 0, "i8x16.swizzle"},
	{simd | 0x0f, None, "i:v", 0, "i8x16.splat i16x8.splat i32x4.splat"},
	{simd | 0x12, None, "l:v", 0, "i64x2.splat"},
	{simd | 0x13, None, "f:v", 0, "f32x4.splat"},
	{simd | 0x14, None, "d:v", 0, "f64x2.splat"},
	{simd | 0x15, Lane, "v:i", 16, "i8x16.extract_lane_s i8x16.extract_lane_u"},
	{simd | 0x17, Lane, "vi:v", 16, "i8x16.replace_lane"},
	{simd | 0x18, Lane, "v:i", 8, "i16x8.extract_lane_s i16x8.extract_lane_u"},
	{simd | 0x1a, Lane, "vi:v", 8, "i16x8.replace_lane"},
	{simd | 0x1b, Lane, "v:i", 4, "i32x4.extract_lane"},
	{simd | 0x1c, Lane, "vi:v", 4, "i32x4.replace_lane"},
	{simd | 0x1d, Lane, "v:l", 2, "i64x2.extract_lane"},
	{simd | 0x1e, Lane, "vl:v", 2, "i64x2.replace_lane"},
	{simd | 0x1f, Lane, "v:f", 4, "f32x4.extract_lane"},
	{simd | 0x20, Lane, "vf:v", 4, "f32x4.replace_lane"},
	{simd | 0x21, Lane, "v:d", 2, "f64x2.extract_lane"},
	{simd | 0x22, Lane, "vd:v", 2, "f64x2.replace_lane"},
	{simd | 0x23, None, "vv:v", 0, "i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s " +
		"i8x16.le_u i8x16.ge_s i8x16.ge_u i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u i16x8.le_s " +
		"i16x8.le_u i16x8.ge_s i16x8.ge_u i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s " +
		"i32x4.le_u i32x4.ge_s i32x4.ge_u f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge f64x2.eq f64x2.ne " +
		"f64x2.lt f64x2.gt f64x2.le f64x2.ge"},
	{simd | 0x4d, None, "v:v", 0, "v128.not"},
	{simd | 0x4e, None, "vv:v", 0, "v128.and v128.andnot v128.or v128.xor"},
	{simd | 0x52, None, "vvv:v", 0, "v128.bitselect"},
	{simd | 0x53, None, "v:i", 0, "v128.any_true"},
	{simd | 0x54, MemargLane, "av:v", 0, "v128.load8_lane"},
	{simd | 0x55, MemargLane, "av:v", 1, "v128.load16_lane"},
	{simd | 0x56, MemargLane, "av:v", 2, "v128.load32_lane"},
	{simd | 0x57, MemargLane, "av:v", 3, "v128.load64_lane"},
	{simd | 0x58, MemargLane, "av:", 0, "v128.store8_lane"},
	{simd | 0x59, MemargLane, "av:", 1, "v128.store16_lane"},
	{simd | 0x5a, MemargLane, "av:", 2, "v128.store32_lane"},
	{simd | 0x5b, MemargLane, "av:", 3, "v128.store64_lane"},
	{simd | 0x5c, Memarg, "a:v", 2, "v128.load32_zero"},
	{simd | 0x5d, Memarg, "a:v", 3, "v128.load64_zero"},
	{simd | 0x5e, None, "v:v", 0, "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4 i8x16.abs i8x16.neg i8x16.popcnt"},
	{simd | 0x63, None, "v:i", 0, "i8x16.all_true i8x16.bitmask"},
	{simd | 0x65, None, "vv:v", 0, "i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u"},
	{simd | 0x67, None, "v:v", 0, "f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest"},
	{simd | 0x6b, None, "vi:v", 0, "i8x16.shl i8x16.shr_s i8x16.shr_u"},
	{simd | 0x6e, None, "vv:v", 0, "i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u"},
	{simd | 0x74, None, "v:v", 0, "f64x2.ceil f64x2.floor"},
	{simd | 0x76, None, "vv:v", 0, "i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u"},
	{simd | 0x7a, None, "v:v", 0, "f64x2.trunc"},
	{simd | 0x7b, None, "vv:v", 0, "i8x16.avgr_u"},
	{simd | 0x7c, None, "v:v", 0, "i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u " +
		"i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u i16x8.abs i16x8.neg"},
	{simd | 0x82, None, "vv:v", 0, "i16x8.q15mulr_sat_s"},
	{simd | 0x83, None, "v:i", 0, "i16x8.all_true i16x8.bitmask"},
	{simd | 0x85, None, "vv:v", 0, "i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u"},
	{simd | 0x87, None, "v:v", 0, "i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u " +
		"i16x8.extend_high_i8x16_u"},
	{simd | 0x8b, None, "vi:v", 0, "i16x8.shl i16x8.shr_s i16x8.shr_u"},
	{simd | 0x8e, None, "vv:v", 0, "i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u"},
	{simd | 0x94, None, "v:v", 0, "f64x2.nearest"},
	{simd | 0x95, None, "vv:v", 0, "i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u"},
	{simd | 0x9b, None, "vv:v", 0, "i16x8.avgr_u i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s " +
		"i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u"},
	{simd | 0xa0, None, "v:v", 0, "i32x4.abs i32x4.neg"},
	{simd | 0xa3, None, "v:i", 0, "i32x4.all_true i32x4.bitmask"},
	{simd | 0xa7, None, "v:v", 0, "i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u " +
		"i32x4.extend_high_i16x8_u"},
	{simd | 0xab, None, "vi:v", 0, "i32x4.shl i32x4.shr_s i32x4.shr_u"},
	{simd | 0xae, None, "vv:v", 0, "i32x4.add"},
	{simd | 0xb1, None, "vv:v", 0, "i32x4.sub"},
	{simd | 0xb5, None, "vv:v", 0, "i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s"},
	{simd | 0xbc, None, "vv:v", 0, "i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u " +
		"i32x4.extmul_high_i16x8_u"},
	{simd | 0xc0, None, "v:v", 0, "i64x2.abs i64x2.neg"},
	{simd | 0xc3, None, "v:i", 0, "i64x2.all_true i64x2.bitmask"},
	{simd | 0xc7, None, "v:v", 0, "i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u " +
		"i64x2.extend_high_i32x4_u"},
	{simd | 0xcb, None, "vi:v", 0, "i64x2.shl i64x2.shr_s i64x2.shr_u"},
	{simd | 0xce, None, "vv:v", 0, "i64x2.add"},
	{simd | 0xd1, None, "vv:v", 0, "i64x2.sub"},
	{simd | 0xd5, None, "vv:v", 0, "i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s " +
		"i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u"},
	{simd | 0xe0, None, "v:v", 0, "f32x4.abs f32x4.neg - f32x4.sqrt"},
	{simd | 0xe4, None, "vv:v", 0, "f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax"},
	{simd | 0xec, None, "v:v", 0, "f64x2.abs f64x2.neg - f64x2.sqrt"},
	{simd | 0xf0, None, "vv:v", 0, "f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax"},
	{simd | 0xf8, None, "v:v", 0, "i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s " +
		"f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s " +
		"f64x2.convert_low_i32x4_u"},
	{simd | 0x100, None, "vv:v", 0, "i8x16.relaxed_swizzle"},
	{simd | 0x101, None, "v:v", 0, "i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u " +
		"i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero"},
	{simd | 0x105, None, "vvv:v", 0, "f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd " +
		"i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect"},
	{simd | 0x10d, None, "vv:v", 0, "f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max " +
		"i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s"},
	{simd | 0x113, None, "vvv:v", 0, "i32x4.relaxed_dot_i8x16_i7x16_add_s"},
}

// rmw returns the rows of one atomic read-modify-write operation: the seven access widths in opcode order.
func rmw(first Op, name string, operands string) []run {
	i, l := "a"+operands+":i", "a"
	for range operands {
		l += "l"
	}
	l += ":l"
	return []run{
		{first, Memarg, i, 2, "i32.atomic.rmw." + name},
		{first + 1, Memarg, l, 3, "i64.atomic.rmw." + name},
		{first + 2, Memarg, i, 0, "i32.atomic.rmw8." + name + "_u"},
		{first + 3, Memarg, i, 1, "i32.atomic.rmw16." + name + "_u"},
		{first + 4, Memarg, l, 0, "i64.atomic.rmw8." + name + "_u"},
		{first + 5, Memarg, l, 1, "i64.atomic.rmw16." + name + "_u"},
		{first + 6, Memarg, l, 2, "i64.atomic.rmw32." + name + "_u"},
	}
}

var atomicRows = func() []run {
	rows := []run{
		{atom | 0x00, Memarg, "ai:i", 2, "memory.atomic.notify"},
		{atom | 0x01, Memarg, "ail:i", 2, "memory.atomic.wait32"},
		{atom | 0x02, Memarg, "all:i", 3, "memory.atomic.wait64"},
		{atom | 0x03, Reserved, ":", 0, "atomic.fence"},
		{atom | 0x10, Memarg, "a:i", 2, "i32.atomic.load"},
		{atom | 0x11, Memarg, "a:l", 3, "i64.atomic.load"},
		{atom | 0x12, Memarg, "a:i", 0, "i32.atomic.load8_u"},
		{atom | 0x13, Memarg, "a:i", 1, "i32.atomic.load16_u"},
		{atom | 0x14, Memarg, "a:l", 0, "i64.atomic.load8_u"},
		{atom | 0x15, Memarg, "a:l", 1, "i64.atomic.load16_u"},
		{atom | 0x16, Memarg, "a:l", 2, "i64.atomic.load32_u"},
		{atom | 0x17, Memarg, "ai:", 2, "i32.atomic.store"},
		{atom | 0x18, Memarg, "al:", 3, "i64.atomic.store"},
		{atom | 0x19, Memarg, "ai:", 0, "i32.atomic.store8"},
		{atom | 0x1a, Memarg, "ai:", 1, "i32.atomic.store16"},
		{atom | 0x1b, Memarg, "al:", 0, "i64.atomic.store8"},
		{atom | 0x1c, Memarg, "al:", 1, "i64.atomic.store16"},
		{atom | 0x1d, Memarg, "al:", 2, "i64.atomic.store32"},
	}
	for i, name := range []string{"add", "sub", "and", "or", "xor", "xchg"} {
		rows = append(rows, rmw(atom|0x1e+Op(7*i), name, "i")...)
	}
	return append(rows, rmw(atom|0x48, "cmpxchg", "ii")...)
}()
