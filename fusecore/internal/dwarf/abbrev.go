// This file implements abbreviations (7.5.3).

package dwarf

// abbreviation says which attributes an entry has.
type abbreviation struct {
	children   bool
	attributes []attribute
}

type attribute struct {
	name, form uint64
	implicit   int64
}

// abbreviations reads the table at an offset.
func (in *input) abbreviations(offset uint64) map[uint64]*abbreviation {
	if t := in.tables[offset]; t != nil {
		return t
	}
	t := map[uint64]*abbreviation{}
	r := at("abbrev", in.sections["abbrev"], offset)
	for {
		code := r.uleb()
		if code == 0 {
			break
		}
		r.uleb() // the tag
		a := &abbreviation{children: r.uint(1) != 0}
		for {
			s := attribute{name: r.uleb(), form: r.uleb()}
			if s.form == formImplicitConst {
				s.implicit = r.sleb()
			}
			if s.name == 0 && s.form == 0 {
				break
			}
			a.attributes = append(a.attributes, s)
		}
		t[code] = a
		in.spend(r, 1+len(a.attributes))
	}
	if in.tables == nil {
		in.tables = map[uint64]map[uint64]*abbreviation{}
	}
	in.tables[offset] = t
	return t
}
