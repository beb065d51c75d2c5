// This file implements encoding of core types and module types.

package encode

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	core "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/encode"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/leb128"
)

// appendCoreType appends core:type. Outside a recursion group a non-final sub is preceded by 0x00, because its code
// alone begins a module type here.
func appendCoreType(b []byte, d *component.CoreType) []byte {
	if d.Module != nil {
		return appendVec(append(b, 0x50), d.Module.Decls, appendModuleDecl)
	}
	types := d.Rec.Types
	if len(types) != 1 {
		b = leb128.AppendU32(append(b, 0x4e), uint32(len(types)))
	} else if !types[0].Final {
		b = append(b, 0x00)
	}
	for i := range types {
		b = core.SubType(b, &types[i])
	}
	return b
}

func appendModuleDecl(b []byte, d component.ModuleDecl) []byte {
	switch {
	case d.Import != nil:
		b = appendName(appendName(append(b, 0x00), d.Import.Module), d.Import.Name)
		return appendCoreExtern(b, d.Import)
	case d.Type != nil:
		return appendCoreType(append(b, 0x01), d.Type)
	case d.Alias != nil:
		b = append(b, 0x02, byte(component.CoreTypeSort), 0x01)
		return leb128.AppendU32(leb128.AppendU32(b, d.Alias.Outer), d.Alias.Index)
	}
	return appendCoreExtern(appendName(append(b, 0x03), d.Export.Name), &d.Export.Import)
}

// appendCoreExtern appends core:externtype.
func appendCoreExtern(b []byte, i *corewasm.Import) []byte {
	b = append(b, byte(i.Kind))
	switch i.Kind {
	case corewasm.ExternFunc:
		return leb128.AppendU32(b, i.Func)
	case corewasm.ExternTable:
		return core.TableType(b, i.Table)
	case corewasm.ExternMem:
		return core.MemType(b, i.Mem)
	case corewasm.ExternGlobal:
		return core.GlobalType(b, i.Global)
	case corewasm.ExternTag:
		return leb128.AppendU32(append(b, 0x00), i.Tag)
	}
	panic("unknown core external type " + i.Kind.String())
}
