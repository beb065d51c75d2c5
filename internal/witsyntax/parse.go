// This file implements the parser of files and packages.

package witsyntax

import (
	"fmt"
	"strings"
)

// MaxErrors is the maximum number of errors reported for one file.
const MaxErrors = 20

// maxDepth limits the nesting of types, so that deep ones are an error rather than a stack overflow.
const maxDepth = 200

// Parse parses a WIT file. name is the file name in positions and messages. The tree contains everything that could be
// parsed, even if there are errors.
func Parse(name string, src []byte) (*File, []*Error) {
	p := &parser{lex: lexer{src: strings.TrimPrefix(string(src), "\ufeff"), line: 1}, file: &File{Name: name}}
	p.advance()
	p.wit()
	return p.file, p.errs
}

type parser struct {
	lex  lexer
	tok  token
	prev token // the token before tok
	file *File
	doc  *Document // nil for WIT
	errs []*Error
}

// bail is the panic value of fail, recovered by attempt.
type bail struct{}

// fail records an error and abandons the item.
func (p *parser) fail(pos Pos, format string, args ...any) {
	p.note(pos, format, args...)
	panic(bail{})
}

// note records an error and continues.
func (p *parser) note(pos Pos, format string, args ...any) {
	p.add(&Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}

// add records an error in the file.
func (p *parser) add(e *Error) {
	if len(p.errs) < MaxErrors {
		e.File = p.file.Name
		p.errs = append(p.errs, e)
	}
}

// differ is like fail, with a message whose first two arguments are what was expected and what there is in its place.
func (p *parser) differ(pos Pos, format, expected, found string, more ...any) {
	p.add(&Error{Pos: pos, Msg: fmt.Sprintf(format, append([]any{expected, found}, more...)...), Expected: expected, Found: found})
	panic(bail{})
}

// unexpected fails at the current token.
func (p *parser) unexpected(want string) {
	if p.tok.kind == tokBad {
		p.fail(p.tok.pos, "%s", p.tok.text)
	}
	p.differ(p.tok.pos, "expected %s, found %s", want, p.tok.describe())
}

func (t token) describe() string {
	switch t.kind {
	case tokEOF:
		return "the end of the file"
	case tokKeyword:
		return fmt.Sprintf("keyword `%s`", t.text)
	case tokString:
		return fmt.Sprintf("string %q", t.text)
	}
	return fmt.Sprintf("`%s`", t.text)
}

func (p *parser) advance() { p.prev, p.tok = p.tok, p.lex.next() }

func (p *parser) isOp(text string) bool      { return p.tok.kind == tokOp && p.tok.text == text }
func (p *parser) isKeyword(text string) bool { return p.tok.kind == tokKeyword && p.tok.text == text }

func (p *parser) acceptOp(text string) bool {
	ok := p.isOp(text)
	if ok {
		p.advance()
	}
	return ok
}

func (p *parser) acceptKeyword(text string) bool {
	ok := p.isKeyword(text)
	if ok {
		p.advance()
	}
	return ok
}

func (p *parser) op(text string) {
	if !p.acceptOp(text) {
		p.unexpected("`" + text + "`")
	}
}

func (p *parser) keyword(text string) {
	if !p.acceptKeyword(text) {
		p.unexpected("`" + text + "`")
	}
}

func (p *parser) ident(what string) string {
	if p.tok.kind == tokKeyword {
		p.differ(p.tok.pos, "expected %s, found %s: write `%%%s` to use it as a name", what, "keyword `"+p.tok.text+"`", p.tok.text)
	}
	if p.tok.kind != tokIdent {
		p.unexpected(what)
	}
	text := p.tok.text
	p.advance()
	return text
}

// segment parses a part of a qualified name after the first. In documents, it may be a keyword.
func (p *parser) segment(what string) string {
	if p.doc != nil && p.tok.kind == tokKeyword {
		text := p.tok.text
		p.advance()
		return text
	}
	return p.ident(what)
}

// version reads a version after the current token, "@" or "=".
func (p *parser) version(after string) string {
	if !p.isOp(after) {
		p.unexpected("`" + after + "`")
	}
	// The token after is not read yet, because versions have different characters.
	p.tok = p.lex.version()
	if p.tok.kind == tokBad {
		p.unexpected("a version")
	}
	text := p.tok.text
	p.advance()
	return text
}

// attempt runs read. If it fails, attempt skips to where the next item may begin: after a ";" or a "}" that closes what
// the item opened, or before the "}" that closes the list of items.
func (p *parser) attempt(read func()) {
	begin := p.tok.pos.Offset
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(bail); !ok {
				panic(v)
			}
			p.skipItem(begin)
		}
	}()
	read()
}

// skipItem skips the rest of an item that began at begin and failed to parse.
func (p *parser) skipItem(begin int) {
	// Braces that the item opened before the error.
	depth := p.openBraces(begin)
	for {
		switch {
		case p.tok.kind == tokEOF:
			return
		case p.isOp("{"):
			depth++
		case p.isOp("}"):
			if depth == 0 {
				return
			}
			depth--
			if depth == 0 {
				p.advance()
				p.acceptOp(";") // of `use a.{b};`
				return
			}
		case p.isOp(";") && depth == 0:
			p.advance()
			return
		case depth == 0 && p.tok.pos.Offset > begin && p.atItem():
			return
		}
		p.advance()
	}
}

// atItem reports whether the current token can only begin an item.
func (p *parser) atItem() bool {
	if p.tok.kind != tokKeyword || p.prev.kind == tokOp && p.prev.text != "}" && p.prev.text != ";" && p.prev.text != ")" {
		return false
	}
	switch p.tok.text {
	case "package", "interface", "world", "use", "import", "export", "include", "record", "variant", "enum", "flags",
		"resource", "type", "let":
		return true
	}
	return false
}

// openBraces counts the braces that are open between begin and the current token.
func (p *parser) openBraces(begin int) int {
	l := lexer{src: p.lex.src[:p.tok.pos.Offset], off: begin, line: 1, document: p.lex.document}
	depth := 0
	for {
		t := l.next()
		switch {
		case t.kind == tokEOF:
			return max(depth, 0)
		case t.kind == tokOp && t.text == "{":
			depth++
		case t.kind == tokOp && t.text == "}":
			depth--
		}
	}
}

// wit parses the file.
func (p *parser) wit() {
	for first := true; p.tok.kind != tokEOF; first = false {
		before := p.tok.pos.Offset
		p.attempt(func() {
			if !p.isKeyword("package") {
				p.topItem(&p.file.Items)
				return
			}
			decl := p.packageDecl()
			if p.isOp("{") {
				p.nested(decl)
				return
			}
			if !p.isOp(";") {
				p.unexpected("`;` or `{`")
			}
			p.advance()
			switch {
			case p.file.Package != nil:
				p.note(decl.Pos, "the file already names its package, %s: one `package` declaration per file", p.file.Package.Name)
				return
			case !first:
				p.note(decl.Pos, "the `package` declaration must come first in the file")
			}
			p.file.Package = &decl
		})
		if p.tok.pos.Offset == before && p.tok.kind != tokEOF {
			// A "}" that closes nothing.
			p.advance()
		}
	}
}

func (p *parser) packageDecl() PackageDecl {
	d := PackageDecl{Pos: p.tok.pos, Docs: p.tok.docs}
	p.keyword("package")
	d.Name = p.packageName()
	return d
}

func (p *parser) packageName() (n PackageName) {
	n = p.packageAfter(p.ident("a namespace"))
	for p.acceptOp("/") {
		n.Names = append(n.Names, p.segment("a package name"))
	}
	if p.isOp("@") {
		n.Version = p.version("@")
	}
	return n
}

// packageAfter parses the rest of a package's name after its first namespace, up to its first name.
func (p *parser) packageAfter(first string) PackageName {
	n := PackageName{Namespaces: []string{first}}
	p.op(":")
	last := p.segment("a package name")
	for p.acceptOp(":") {
		n.Namespaces = append(n.Namespaces, last)
		last = p.segment("a package name")
	}
	n.Names = []string{last}
	return n
}

func (p *parser) nested(decl PackageDecl) {
	n := &NestedPackage{Decl: decl}
	p.file.Items = append(p.file.Items, n)
	p.op("{")
	p.items(func() {
		if p.isKeyword("package") {
			p.fail(p.tok.pos, "a package cannot be declared inside of another")
		}
		p.topItem(&n.Items)
	})
}

// items parses items up to the closing "}", each with recovery.
func (p *parser) items(read func()) {
	for !p.isOp("}") {
		if p.tok.kind == tokEOF {
			p.unexpected("`}`")
		}
		p.attempt(read)
	}
	p.advance()
}

// topItem parses a use, an interface or a world and adds it to items. An item with a body is added before its body is
// parsed, so that it is present even if the file ends too early.
func (p *parser) topItem(items *[]Item) {
	attrs := p.attrs()
	pos := p.tok.pos
	switch {
	case p.isKeyword("use"):
		p.ungated(attrs, "a top-level `use`")
		p.advance()
		u := &TopUse{Pos: pos, Path: p.usePath()}
		if p.acceptKeyword("as") {
			u.As = p.ident("a name")
		}
		p.op(";")
		*items = append(*items, u)
	case p.acceptKeyword("interface"):
		p.noExternalID(attrs, pos)
		i := &Interface{Pos: pos, Attrs: attrs, Name: p.ident("the interface's name")}
		*items = append(*items, i)
		p.interfaceBody(i)
	case p.acceptKeyword("world"):
		p.noExternalID(attrs, pos)
		w := &World{Pos: pos, Attrs: attrs, Name: p.ident("the world's name")}
		*items = append(*items, w)
		p.worldBody(w)
	default:
		p.unexpected("`package`, `use`, `interface` or `world`")
	}
}

func (p *parser) ungated(a Attrs, what string) {
	if len(a.Gates) > 0 {
		p.note(a.Gates[0].Pos, "%s cannot have a gate", what)
	}
	p.noExternalID(a, p.tok.pos)
}

func (p *parser) noExternalID(a Attrs, pos Pos) {
	if a.ExternalID != nil {
		p.note(pos, "@external-id belongs to imports, exports, functions and types")
	}
}

// attrs parses doc comments and the annotations before an item.
func (p *parser) attrs() Attrs {
	a := Attrs{Docs: p.tok.docs}
	for p.isOp("@") {
		g := Gate{Pos: p.tok.pos}
		p.advance()
		name := p.ident("an annotation")
		p.op("(")
		switch name {
		case "since", "deprecated":
			if name == "deprecated" {
				g.Kind = Deprecated
			}
			p.argument("version")
			g.Arg = p.version("=")
			a.Gates = append(a.Gates, g)
		case "unstable":
			g.Kind = Unstable
			p.argument("feature")
			p.op("=")
			g.Arg = p.ident("a feature")
			a.Gates = append(a.Gates, g)
		case "external-id":
			if p.tok.kind != tokString {
				p.unexpected("a string")
			}
			if a.ExternalID != nil {
				p.note(g.Pos, "@external-id is given twice")
			}
			id := p.tok.text
			a.ExternalID = &id
			p.advance()
		default:
			p.fail(g.Pos, "unknown annotation `@%s`: expected @since, @unstable, @deprecated or @external-id", name)
		}
		p.op(")")
		a.Docs = append(a.Docs[:len(a.Docs):len(a.Docs)], p.tok.docs...)
	}
	return a
}

func (p *parser) argument(name string) {
	if p.tok.kind != tokIdent || p.tok.text != name {
		p.unexpected("`" + name + "`")
	}
	p.advance()
}

// usePath parses a name of an interface or world.
func (p *parser) usePath() UsePath {
	u := UsePath{Pos: p.tok.pos}
	name := p.ident("a name of an interface or world")
	if !p.isOp(":") {
		u.Name = name
		return u
	}
	return p.qualified(u.Pos, name)
}

// qualified parses the rest of a path after its first namespace.
func (p *parser) qualified(pos Pos, first string) UsePath {
	pkg := p.packageAfter(first)
	if !p.isOp("/") {
		p.unexpected("`/` and the name of an interface or world: a package alone cannot be used")
	}
	u := UsePath{Pos: pos, Package: &pkg}
	for p.acceptOp("/") {
		if u.Name != "" {
			pkg.Names = append(pkg.Names, u.Name)
		}
		u.Name = p.segment("a name of an interface or world")
	}
	if p.isOp("@") {
		pkg.Version = p.version("@")
	}
	return u
}
