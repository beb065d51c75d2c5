// This file implements the parsing of interfaces, worlds and types.

package witsyntax

import (
	"fmt"
	"strconv"
)

func (p *parser) interfaceBody(i *Interface) {
	p.op("{")
	p.items(func() {
		attrs := p.attrs()
		pos := p.tok.pos
		switch {
		case p.isKeyword("use"):
			p.noExternalID(attrs, pos)
			i.Items = append(i.Items, p.use(attrs))
		case p.tok.kind == tokKeyword:
			def := p.typeDef(attrs)
			if def == nil {
				p.differ(pos, "expected %s, found %s: write `%%%s` to use it as a name", "a `use`, type or function", "keyword `"+p.tok.text+"`", p.tok.text)
			}
			i.Items = append(i.Items, def)
		default:
			f := &Func{Pos: pos, Attrs: attrs, Name: p.ident("a `use`, type or function")}
			p.op(":")
			f.Type = p.funcRef()
			p.op(";")
			i.Items = append(i.Items, f)
		}
	})
}

func (p *parser) worldBody(w *World) {
	p.op("{")
	p.items(func() {
		attrs := p.attrs()
		pos := p.tok.pos
		switch {
		case p.isKeyword("import"), p.isKeyword("export"):
			w.Items = append(w.Items, p.extern(attrs))
		case p.isKeyword("use"):
			p.noExternalID(attrs, pos)
			w.Items = append(w.Items, p.use(attrs))
		case p.acceptKeyword("include"):
			p.noExternalID(attrs, pos)
			inc := &Include{Pos: pos, Attrs: attrs, Path: p.usePath()}
			if p.acceptKeyword("with") {
				inc.With = p.renames(true)
				p.acceptOp(";")
			} else {
				p.op(";")
			}
			w.Items = append(w.Items, inc)
		default:
			def := p.typeDef(attrs)
			if def == nil {
				p.unexpected("an `import`, `export`, `include`, `use` or type")
			}
			w.Items = append(w.Items, def)
		}
	})
}

// extern parses an import or export.
func (p *parser) extern(attrs Attrs) *Extern {
	x := &Extern{Pos: p.tok.pos, Attrs: attrs, Export: p.isKeyword("export")}
	p.advance()
	first := p.tok
	name := p.ident("a name of an interface, function or world")
	if p.acceptOp(";") {
		x.Path = &UsePath{Pos: first.pos, Name: name}
		p.noExternalID(attrs, x.Pos)
		return x
	}
	if !p.isOp(":") {
		p.unexpected("`:` or `;`")
	}
	// `a:b` without spaces is a path. `a: b` is a name and its type.
	colon := p.tok
	after := p.lex
	next := after.next()
	then := after.next()
	joined := colon.pos.Offset == first.end && next.pos.Offset == colon.end
	slash := then.kind == tokOp && then.text == "/"
	if next.kind == tokIdent && (joined || slash) {
		path := p.qualified(first.pos, name)
		x.Path = &path
		p.noExternalID(attrs, x.Pos)
		p.op(";")
		return x
	}
	x.Name = name
	p.advance()
	switch {
	case p.isKeyword("interface"):
		x.Interface = &Interface{Pos: p.tok.pos}
		p.advance()
		p.interfaceBody(x.Interface)
		if p.doc != nil {
			p.acceptOp(";")
		}
		return x
	case p.isKeyword("func"), p.isKeyword("async"):
		t := p.funcType()
		x.Func = &t
	case p.tok.kind == tokIdent:
		path := p.usePath()
		x.Path = &path
	default:
		p.unexpected("`func`, `interface` or the name of an interface")
	}
	p.op(";")
	return x
}

func (p *parser) use(attrs Attrs) *Use {
	u := &Use{Pos: p.tok.pos, Attrs: attrs}
	p.keyword("use")
	u.Path = p.usePath()
	p.op(".")
	u.Names = p.renames(false)
	p.op(";")
	return u
}

// renames parses `{ a as b, c }`. With must, every element needs an `as`.
func (p *parser) renames(must bool) []Rename {
	var out []Rename
	p.op("{")
	for {
		r := Rename{Pos: p.tok.pos, Name: p.ident("a name")}
		if must && !p.isKeyword("as") {
			p.unexpected("`as`")
		}
		if p.acceptKeyword("as") {
			r.As = p.ident("a name")
		}
		out = append(out, r)
		if !p.acceptOp(",") {
			p.op("}")
			return out
		}
		if p.acceptOp("}") {
			return out
		}
	}
}

// funcRef parses a function type, or, in documents, the name of one.
func (p *parser) funcRef() FuncType {
	if p.doc != nil && p.tok.kind == tokIdent {
		n := p.name("")
		return FuncType{Named: &n}
	}
	return p.funcType()
}

func (p *parser) funcType() FuncType {
	var t FuncType
	t.Async = p.acceptKeyword("async")
	p.keyword("func")
	t.Params = p.params()
	if p.acceptOp("->") {
		t.Result = p.ty(0)
	}
	return t
}

func (p *parser) params() []Field {
	var out []Field
	p.op("(")
	for !p.acceptOp(")") {
		f := Field{Pos: p.tok.pos, Docs: p.tok.docs, Name: p.ident("a parameter")}
		p.op(":")
		f.Type = p.ty(0)
		out = append(out, f)
		if !p.acceptOp(",") {
			p.op(")")
			return out
		}
	}
	return out
}

// typeDef parses a type definition, or returns nil if the current token does not begin one.
func (p *parser) typeDef(attrs Attrs) *TypeDef {
	d := &TypeDef{Pos: p.tok.pos, Attrs: attrs}
	if p.tok.kind != tokKeyword {
		return nil
	}
	switch p.tok.text {
	case "type":
		p.advance()
		d.Name = p.ident("the type's name")
		p.op("=")
		if p.doc != nil && (p.isKeyword("func") || p.isKeyword("async")) {
			f := p.funcType()
			d.Func = &f
		} else {
			d.Type = p.ty(0)
		}
		p.op(";")
		return d
	case "resource":
		p.advance()
		d.Kind, d.Name = Resource, p.ident("the resource's name")
		if p.acceptOp(";") {
			d.Opaque = true
			return d
		}
		p.resourceBody(d)
		return d
	case "record":
		d.Kind = Record
	case "variant":
		d.Kind = Variant
	case "enum":
		d.Kind = Enum
	case "flags":
		d.Kind = Flags
	default:
		return nil
	}
	p.advance()
	d.Name = p.ident("the type's name")
	p.fields(d)
	return d
}

// fields parses the body of a record, variant, enum or flags.
func (p *parser) fields(d *TypeDef) {
	p.op("{")
	for !p.acceptOp("}") {
		f := Field{Pos: p.tok.pos, Docs: p.tok.docs, Name: p.ident("a name")}
		switch d.Kind {
		case Record:
			p.op(":")
			f.Type = p.ty(0)
		case Variant:
			if p.acceptOp("(") {
				f.Type = p.ty(0)
				p.op(")")
			}
		}
		d.Fields = append(d.Fields, f)
		if !p.acceptOp(",") {
			p.op("}")
			break
		}
	}
	if len(d.Fields) == 0 {
		p.note(d.Pos, "%s `%s` is empty: expected at least one name", d.Kind, d.Name)
	}
}

func (p *parser) resourceBody(d *TypeDef) {
	p.op("{")
	constructors := 0
	p.items(func() {
		f := &Func{Attrs: p.attrs(), Pos: p.tok.pos}
		if p.acceptKeyword("constructor") {
			if constructors++; constructors > 1 {
				p.note(f.Pos, "resource `%s` has a second constructor", d.Name)
			}
			f.Kind = Constructor
			f.Type.Params = p.params()
			if p.acceptOp("->") {
				f.Type.Result = p.ty(0)
			}
		} else {
			f.Name = p.ident("a function or `constructor`")
			p.op(":")
			if p.acceptKeyword("static") {
				f.Kind = Static
			}
			f.Type = p.funcType()
		}
		p.op(";")
		d.Funcs = append(d.Funcs, f)
	})
}

// arity has the minimum and maximum number of arguments of built-in types.
var arity = map[string][2]int{
	"u8": {}, "u16": {}, "u32": {}, "u64": {}, "s8": {}, "s16": {}, "s32": {}, "s64": {}, "f32": {}, "f64": {},
	"char": {}, "bool": {}, "string": {}, "error-context": {},
	"list": {1, 1}, "option": {1, 1}, "tuple": {1, 1 << 30}, "result": {0, 2}, "map": {2, 2}, "future": {0, 1},
	"stream": {0, 1}, "own": {1, 1}, "borrow": {1, 1},
}

// mapKeys are the valid key types of a map.
var mapKeys = map[string]bool{
	"u8": true, "u16": true, "u32": true, "u64": true, "s8": true, "s16": true, "s32": true, "s64": true, "char": true,
	"bool": true, "string": true,
}

// ty parses a type that is nested depth levels deep.
func (p *parser) ty(depth int) *Type {
	t := &Type{Pos: p.tok.pos, Name: p.tok.text}
	if depth > maxDepth {
		p.fail(t.Pos, "types nest deeper than %d", maxDepth)
	}
	if p.tok.kind == tokIdent {
		p.advance()
		return t
	}
	n, ok := arity[t.Name]
	if p.tok.kind != tokKeyword || !ok {
		p.unexpected("a type")
	}
	t.Builtin = true
	p.advance()
	if n[1] == 0 || n[0] == 0 && !p.isOp("<") {
		return t
	}
	p.op("<")
	p.typeArgs(t, depth)
	p.op(">")
	switch {
	case len(t.Args) < n[0]:
		p.differ(t.Pos, "`%[3]s` needs %[1]s, found %[2]s", fmt.Sprintf("%d types", n[0]), strconv.Itoa(len(t.Args)), t.Name)
	case len(t.Args) > n[1]:
		p.differ(t.Pos, "`%[3]s` takes %[1]s, found %[2]s", fmt.Sprintf("%d types", n[1]), strconv.Itoa(len(t.Args)), t.Name)
	case t.Name == "map" && !(t.Args[0].Builtin && mapKeys[t.Args[0].Name]):
		p.fail(t.Args[0].Pos, "the key of a `map` must be an integer, char, bool or string")
	case (t.Name == "borrow" || t.Name == "own") && t.Args[0].Builtin:
		p.fail(t.Args[0].Pos, "`%s` takes the name of a resource", t.Name)
	}
	return t
}

func (p *parser) typeArgs(t *Type, depth int) {
	for !p.isOp(">") {
		switch {
		case t.Name == "result" && len(t.Args) == 0 && p.acceptOp("_"):
			t.Args = append(t.Args, nil)
			if !p.isOp(",") {
				p.unexpected("`,` and the type of errors")
			}
		case t.Name == "list" && len(t.Args) == 1 && p.tok.kind == tokInteger:
			n, err := strconv.ParseUint(p.tok.text, 10, 32)
			if err != nil || n == 0 || p.tok.text[0] == '0' {
				p.fail(p.tok.pos, "the length of a list must be between 1 and 4294967295")
			}
			t.Length = uint32(n)
			p.advance()
			return
		default:
			t.Args = append(t.Args, p.ty(depth+1))
		}
		if !p.acceptOp(",") {
			return
		}
		if p.isOp(">") && t.Name != "tuple" {
			p.unexpected("a type")
		}
	}
}
