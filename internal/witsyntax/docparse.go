// This file implements the parser of WAC documents.

package witsyntax

import "strings"

// docKeywords are keywords in documents only.
var docKeywords = map[string]bool{"let": true, "new": true, "targets": true}

// ParseDocument parses a WAC document. name is the file name in positions and messages. The tree contains everything
// that could be parsed, even if there are errors.
func ParseDocument(name string, src []byte) (*Document, []*Error) {
	p := &parser{
		lex:  lexer{src: strings.TrimPrefix(string(src), "\ufeff"), line: 1, document: true},
		file: &File{Name: name},
		doc:  &Document{Name: name},
	}
	p.advance()
	p.attempt(p.directive)
	for p.tok.kind != tokEOF {
		before := p.tok.pos.Offset
		p.attempt(p.statement)
		if p.tok.pos.Offset == before && p.tok.kind != tokEOF {
			p.advance() // a "}" that closes nothing
		}
	}
	return p.doc, p.errs
}

// directive parses `package a:b targets c:d/e;`.
func (p *parser) directive() {
	if !p.isKeyword("package") {
		p.unexpected("`package` and a name for the composition, as in `package example:app;`")
	}
	d := p.packageDecl()
	if len(d.Name.Names) > 1 {
		p.fail(d.Pos, "the name of a package has no `/`: expected a name as example:app")
	}
	p.doc.Package = d
	if p.acceptKeyword("targets") {
		path := p.usePath()
		if path.Package == nil {
			p.differ(path.Pos, "expected %s, found `%s`", "the full name of a world, as wasi:http/proxy", path.Name)
		}
		p.doc.Targets = &path
	}
	p.op(";")
}

func (p *parser) statement() {
	attrs := p.attrs()
	pos := p.tok.pos
	var s Statement
	switch {
	case p.isKeyword("import"):
		s = p.importStatement()
	case p.acceptKeyword("let"):
		l := &Let{Pos: pos, Name: p.name("a name")}
		p.op("=")
		l.Value = p.expr(0)
		p.op(";")
		s = l
	case p.isKeyword("export"):
		s = p.exportStatement()
	case p.acceptKeyword("interface"):
		i := &Interface{Pos: pos, Attrs: attrs, Name: p.ident("the interface's name")}
		p.interfaceBody(i)
		s = i
	case p.acceptKeyword("world"):
		w := &World{Pos: pos, Attrs: attrs, Name: p.ident("the world's name")}
		p.worldBody(w)
		s = w
	case p.isKeyword("package"):
		p.fail(pos, "the document already has a name, %s: one `package` for each document, at its begin", p.doc.Package.Name)
	case p.isKeyword("resource"):
		p.fail(pos, "a resource type belongs to an interface or a world: declare it inside of one")
	case p.isKeyword("use"):
		p.fail(pos, "`use` belongs to an interface or a world: write it inside of one")
	default:
		d := p.typeDef(attrs)
		if d == nil {
			p.unexpected("`import`, `let`, `export`, `interface`, `world` or a type")
		}
		s = d
	}
	p.doc.Statements = append(p.doc.Statements, s)
}

func (p *parser) importStatement() *Import {
	im := &Import{Pos: p.tok.pos}
	p.advance()
	im.Name = p.name("a name")
	if p.acceptKeyword("as") {
		as := p.quotable("another name")
		im.As = &as
	}
	p.op(":")
	switch {
	case p.isKeyword("interface"):
		im.Interface = &Interface{Pos: p.tok.pos}
		p.advance()
		p.interfaceBody(im.Interface)
	case p.isKeyword("func"), p.isKeyword("async"):
		t := p.funcType()
		im.Func = &t
	case p.tok.kind == tokIdent:
		path := p.usePath()
		im.Path = &path
	default:
		p.unexpected("a type: `func`, `interface`, or the name of an interface or a type")
	}
	p.op(";")
	return im
}

func (p *parser) exportStatement() *Export {
	x := &Export{Pos: p.tok.pos}
	p.advance()
	x.Value = p.expr(0)
	spread := p.tok.pos
	switch {
	case p.acceptOp("..."):
		x.Spread = &spread
		if p.isKeyword("as") {
			p.fail(p.tok.pos, "the exports of an instance keep their names: `as` cannot follow `...`")
		}
	case p.acceptKeyword("as"):
		as := p.quotable("the name of the export")
		x.As = &as
	}
	p.op(";")
	return x
}

// name parses an identifier.
func (p *parser) name(what string) Name {
	pos := p.tok.pos
	return Name{Pos: pos, Text: p.ident(what)}
}

// quotable parses an identifier or a string.
func (p *parser) quotable(what string) Name {
	if p.tok.kind != tokString {
		return p.name(what)
	}
	n := Name{Pos: p.tok.pos, Text: p.tok.text, Quoted: true}
	p.advance()
	return n
}

// expr parses an expression that is nested depth levels deep.
func (p *parser) expr(depth int) Expr {
	if depth > maxDepth {
		p.fail(p.tok.pos, "expressions nest deeper than %d", maxDepth)
	}
	var e Expr
	switch {
	case p.acceptOp("("):
		e = p.expr(depth + 1)
		p.op(")")
	case p.isKeyword("new"):
		e = p.newExpr(depth)
	default:
		e = &Ref{p.name("a name, `new` or `(`")}
	}
	for ; ; depth++ {
		if depth > maxDepth {
			p.fail(p.tok.pos, "expressions nest deeper than %d", maxDepth)
		}
		switch {
		case p.acceptOp("."):
			e = &Access{Of: e, Name: p.name("the name of an export")}
		case p.acceptOp("["):
			if p.tok.kind != tokString {
				p.unexpected("the name of an export as a string")
			}
			e = &Access{Of: e, Name: p.quotable("")}
			p.op("]")
		default:
			return e
		}
	}
}

func (p *parser) newExpr(depth int) *New {
	n := &New{Pos: p.tok.pos}
	p.advance()
	n.PackagePos = p.tok.pos
	n.Package = p.packageName()
	if len(n.Package.Names) > 1 {
		p.fail(n.PackagePos, "`new` instantiates a component, whose name has no `/`")
	}
	p.op("{")
	for !p.acceptOp("}") {
		if n.Fill != nil {
			p.fail(*n.Fill, "`...` must be the last argument: it imports all that are not given")
		}
		p.arg(n, depth)
		if !p.acceptOp(",") {
			p.op("}")
			break
		}
	}
	return n
}

// arg parses one argument.
func (p *parser) arg(n *New, depth int) {
	pos := p.tok.pos
	if p.acceptOp("...") {
		if p.tok.kind == tokIdent {
			n.Args = append(n.Args, Arg{Name: p.name(""), Spread: true})
			return
		}
		if !p.isOp(",") && !p.isOp("}") {
			p.unexpected("the name of an instance, or nothing after `...`")
		}
		n.Fill = &pos
		return
	}
	a := Arg{Name: p.quotable("an argument, `...` or `}`")}
	switch {
	case p.acceptOp(":"):
		a.Value = p.expr(depth + 1)
	case a.Name.Quoted:
		p.unexpected("`:` and the argument's value")
	}
	n.Args = append(n.Args, a)
}
