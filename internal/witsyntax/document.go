// This file has the syntax tree of WAC documents.

package witsyntax

// Document is a WAC document: a composition of components, with declarations in WIT.
type Document struct {
	Name string // of the file
	// Package is the document's name. Its Pos is that of the keyword.
	Package PackageDecl
	Targets *UsePath // the world that the composition conforms to, or nil
	// Statements have effect in their order.
	Statements []Statement
}

// Statement is *Import, *Let, *Export, *Interface, *World or *TypeDef. A type is not a resource.
type Statement interface{ statement() }

// Name is a name in a document: an identifier, or the text of a string.
type Name struct {
	Pos  Pos
	Text string
	// Quoted reports whether the name is a string, which is never abbreviated.
	Quoted bool
}

// Import is `import name as "other": type;`. Exactly one of Path, Func and Interface is set.
type Import struct {
	Pos       Pos
	Name      Name
	As        *Name
	Path      *UsePath // an interface of another package, or a name that the document declares
	Func      *FuncType
	Interface *Interface
}

// Let is `let name = value;`.
type Let struct {
	Pos   Pos
	Name  Name
	Value Expr
}

// Export is `export value;`, with `as other` or `...`.
type Export struct {
	Pos   Pos
	Value Expr
	As    *Name
	// Spread is the position of `...`, or nil.
	Spread *Pos
}

// Expr is *Ref, *New or *Access.
type Expr interface {
	// Begin is the position of the expression's first token.
	Begin() Pos
}

// Ref is the name of an import, of a `let` or of a type.
type Ref struct{ Name }

// New is `new package { args }`.
type New struct {
	Pos        Pos
	Package    PackageName
	PackagePos Pos
	Args       []Arg
	// Fill is the position of a final `...`, which imports the arguments that are not given, or nil.
	Fill *Pos
}

// Arg is an argument: `name: value`, a bare `name` if Value is nil, or `...name` if Spread is set.
type Arg struct {
	Name   Name
	Value  Expr
	Spread bool
}

// Access is `of.name` or `of["name"]`.
type Access struct {
	Of   Expr
	Name Name
}

// Begin implements Expr.
func (r *Ref) Begin() Pos { return r.Pos }

// Begin implements Expr.
func (n *New) Begin() Pos { return n.Pos }

// Begin implements Expr.
func (a *Access) Begin() Pos { return a.Of.Begin() }

func (*Import) statement()    {}
func (*Let) statement()       {}
func (*Export) statement()    {}
func (*Interface) statement() {}
func (*World) statement()     {}
func (*TypeDef) statement()   {}
