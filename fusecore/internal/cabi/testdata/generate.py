#!/usr/bin/env python3
"""Writes layouts.json: layouts of random types as the specification's own definitions.py computes them.

usage: generate.py DIRECTORY_OF_DEFINITIONS_PY > layouts.json
"""
import json
import random
import sys

sys.path.insert(0, sys.argv[1])
import definitions as d  # noqa: E402

PRIMS = {
    "bool": d.BoolType, "s8": d.S8Type, "u8": d.U8Type, "s16": d.S16Type, "u16": d.U16Type, "s32": d.S32Type,
    "u32": d.U32Type, "s64": d.S64Type, "u64": d.U64Type, "f32": d.F32Type, "f64": d.F64Type, "char": d.CharType,
    "string": d.StringType,
}
rng = random.Random(1)


def labels(n):
    return ["l%d" % i for i in range(n)]


def random_type(depth):
    """A type as JSON: a string for a primitive, else [constructor, arguments...]."""
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(list(PRIMS))
    sub = lambda: random_type(depth - 1)
    opt = lambda: None if rng.random() < 0.3 else sub()
    return rng.choice([
        lambda: ["record"] + [sub() for _ in range(rng.randint(1, 5))],
        lambda: ["tuple"] + [sub() for _ in range(rng.randint(1, 5))],
        lambda: ["variant"] + [opt() for _ in range(rng.randint(1, 5))],
        lambda: ["list", sub()],
        lambda: ["fixed", sub(), rng.randint(1, 6)],
        lambda: ["map", "u16", sub()],
        lambda: ["flags", rng.randint(1, 32)],
        lambda: ["enum", rng.choice([1, 2, 3, 255, 256, 257, 300])],
        lambda: ["option", sub()],
        lambda: ["result", opt(), opt()],
        lambda: ["own"],
        lambda: ["stream", opt()],
    ])()


def build(t):
    if t is None:
        return None
    if isinstance(t, str):
        return PRIMS[t]()
    k, args = t[0], t[1:]
    match k:
        case "record": return d.RecordType([d.FieldType("f%d" % i, build(a)) for i, a in enumerate(args)])
        case "tuple": return d.TupleType([build(a) for a in args])
        case "variant": return d.VariantType([d.CaseType("c%d" % i, build(a)) for i, a in enumerate(args)])
        case "list": return d.ListType(build(args[0]))
        case "fixed": return d.ListType(build(args[0]), args[1])
        case "map": return d.MapType(build(args[0]), build(args[1]))
        case "flags": return d.FlagsType(labels(args[0]))
        case "enum": return d.EnumType(labels(args[0]))
        case "option": return d.OptionType(build(args[0]))
        case "result": return d.ResultType(build(args[0]), build(args[1]))
        case "own": return d.OwnType(None)
        case "stream": return d.StreamType(build(args[0]))


def opts(ptr, async_=False, callback=None):
    return d.CanonicalOptions(memory=d.MemInst(bytearray(), ptr), async_=async_, callback=callback)


def layout(t, ptr):
    b = build(t)
    flat = d.flatten_type(b, opts(ptr))
    return {"size": d.elem_size(b, ptr), "align": d.alignment(b, ptr), "flat": flat[:17]}


def signature(ft, ptr, context, async_, callback):
    f = d.flatten_functype(opts(ptr, async_, callback), ft, context)
    return [f.params, f.results]


def func(params, result):
    ft = d.FuncType([build(p) for p in params], [build(result)] if result else [])
    sigs = []
    for ptr in "i32", "i64":
        for async_ in False, True:
            sigs.append([signature(ft, ptr, "lift", async_, None), signature(ft, ptr, "lift", async_, async_ or None),
                         signature(ft, ptr, "lower", async_, None)])
    return {"params": params, "result": result, "sigs": sigs}


types = list(PRIMS) + [["enum", 65536], ["enum", 65537], ["flags", 8], ["flags", 9], ["flags", 16], ["flags", 17]]
types += [random_type(4) for _ in range(300)]
funcs = [func([random_type(2) for _ in range(rng.randint(0, 6))], rng.choice([None, random_type(2)])) for _ in range(150)]
json.dump({"types": [{"type": t, "i32": layout(t, "i32"), "i64": layout(t, "i64")} for t in types], "funcs": funcs},
          sys.stdout, separators=(",", ":"))
print()
