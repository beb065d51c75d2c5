//! Converts the component model's reference tests to data that the tests of this repository play:
//!
//!     conformance TEST-FOLDER OUT-FOLDER
//!
//! Each FOLDER/NAME.wast becomes FOLDER/NAME.json, a list of commands, and FOLDER/NAME.N.wasm for its components. Text becomes
//! binary without validation, so that invalid components reach what is tested. What is no component in text either has no
//! file, but the reason.

use serde_json::{Map, Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};
use wast::component::WastVal;
use wast::lexer::{Lexer, TokenKind};
use wast::parser::{self, ParseBuffer};
use wast::token::{Id, Span};
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let args: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [from, to] = &args[..] else {
        return Err("usage: conformance TEST-FOLDER OUT-FOLDER".into());
    };
    let mut scripts = 0;
    for folder in sorted(from)? {
        if !folder.is_dir() {
            continue;
        }
        for file in sorted(&folder)? {
            if file.extension().is_some_and(|e| e == "wast") {
                let name = file.strip_prefix(from)?.to_path_buf();
                convert(&file, &name, to).map_err(|e| format!("{}: {e}", file.display()))?;
                scripts += 1;
            }
        }
    }
    println!("{scripts} scripts");
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = fs::read_dir(folder)?
        .map(|e| Ok(e?.path()))
        .collect::<Result<Vec<_>>>()?;
    all.sort();
    Ok(all)
}

/// A script that is being converted.
struct Script<'a> {
    text: &'a str,
    folder: PathBuf,
    stem: String,
    files: usize,
    start: usize, // of the current command in the text
}

fn convert(file: &Path, name: &Path, to: &Path) -> Result<()> {
    let text = fs::read_to_string(file)?;
    let folder = to.join(name.parent().unwrap());
    fs::create_dir_all(&folder)?;
    let stem = name.file_stem().unwrap().to_string_lossy().into_owned();
    let mut s = Script {
        text: &text,
        folder,
        stem,
        files: 0,
        start: 0,
    };
    let mut commands = Vec::new();
    // One after the other, so that an error in one does not concern the others.
    for (start, end) in groups(&text)? {
        s.start = start;
        commands.push(s.text_command(&text[start..end])?);
    }
    let out = json!({"source": name.to_string_lossy(), "commands": commands});
    fs::write(
        s.folder.join(format!("{}.json", s.stem)),
        serde_json::to_string_pretty(&out)?,
    )?;
    Ok(())
}

/// Returns a lexer of a text, which may contain any characters, as strings of tests do.
fn lexer(text: &str) -> Lexer<'_> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    lexer
}

/// The outermost parenthesised groups of a text, by their offsets.
fn groups(text: &str) -> Result<Vec<(usize, usize)>> {
    let (mut out, mut depth, mut start) = (Vec::new(), 0, 0);
    for token in lexer(text).iter(0) {
        let token = token?;
        match token.kind {
            TokenKind::LParen => {
                if depth == 0 {
                    start = token.offset;
                }
                depth += 1;
            }
            TokenKind::RParen => {
                depth -= 1;
                if depth == 0 {
                    out.push((start, token.offset + 1));
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

impl Script<'_> {
    /// Converts the text of one command.
    fn text_command(&mut self, text: &str) -> Result<Map<String, Value>> {
        let buffer = ParseBuffer::new_with_lexer(lexer(text))?;
        match parser::parse::<Wast>(&buffer) {
            Ok(mut script) => self.command(script.directives.remove(0)),
            Err(e) if text.starts_with("(component") => {
                let mut c = Map::new();
                c.insert("line".into(), self.line(Span::from_offset(0)).into());
                kind(&mut c, "component");
                c.insert("text_error".into(), e.message().into());
                Ok(c)
            }
            Err(e) => Err(e.into()),
        }
    }

    fn command(&mut self, directive: WastDirective) -> Result<Map<String, Value>> {
        let mut c = Map::new();
        c.insert("line".into(), self.line(directive.span()).into());
        match directive {
            WastDirective::Module(w) => self.component(&mut c, "component", w)?,
            WastDirective::ModuleDefinition(w) => {
                c.insert("definition".into(), true.into());
                self.component(&mut c, "component", w)?;
            }
            WastDirective::ModuleInstance {
                instance, module, ..
            } => {
                kind(&mut c, "instance");
                c.insert("instance".into(), name(instance));
                c.insert("of".into(), name(module));
            }
            WastDirective::AssertMalformed {
                module, message, ..
            } => {
                c.insert("message".into(), message.into());
                self.component(&mut c, "assert_malformed", module)?;
            }
            WastDirective::AssertInvalid {
                module, message, ..
            } => {
                c.insert("message".into(), message.into());
                self.component(&mut c, "assert_invalid", module)?;
            }
            WastDirective::AssertUnlinkable {
                module, message, ..
            } => {
                c.insert("message".into(), message.into());
                self.component(&mut c, "assert_unlinkable", QuoteWat::Wat(module))?;
            }
            WastDirective::Invoke(call) => {
                kind(&mut c, "action");
                invoke(&mut c, call)?;
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                kind(&mut c, "assert_trap");
                c.insert("message".into(), message.into());
                match exec {
                    WastExecute::Invoke(call) => invoke(&mut c, call)?,
                    WastExecute::Wat(w) => {
                        self.component(&mut c, "assert_trap", QuoteWat::Wat(w))?
                    }
                    WastExecute::Get { .. } => return Err("a global of a component".into()),
                }
            }
            WastDirective::AssertReturn {
                exec: WastExecute::Invoke(call),
                results,
                ..
            } => {
                kind(&mut c, "assert_return");
                invoke(&mut c, call)?;
                let results = results.iter().map(|r| match r {
                    WastRet::Component(v) => Ok(value(v)),
                    _ => Err("a core value in place of a component's"),
                });
                c.insert(
                    "expected".into(),
                    results.collect::<std::result::Result<Vec<_>, _>>()?.into(),
                );
            }
            other => {
                return Err(format!("line {}: an unknown command", self.line(other.span())).into());
            }
        }
        Ok(c)
    }

    fn line(&self, at: Span) -> usize {
        Span::from_offset(self.start + at.offset())
            .linecol_in(self.text)
            .0
            + 1
    }

    /// Adds a component, with its file.
    fn component(&mut self, c: &mut Map<String, Value>, what: &str, mut w: QuoteWat) -> Result<()> {
        kind(c, what);
        if let QuoteWat::Wat(Wat::Component(x)) = &w
            && x.id.is_some()
        {
            c.insert("name".into(), name(x.id));
        }
        if !matches!(w, QuoteWat::Wat(_)) {
            c.insert("quoted".into(), true.into());
        }
        match w.encode() {
            Ok(bytes) => {
                let file = format!("{}.{}.wasm", self.stem, self.files);
                self.files += 1;
                fs::write(self.folder.join(&file), bytes)?;
                c.insert("file".into(), file.into());
            }
            Err(e) => {
                c.insert("text_error".into(), e.message().into());
            }
        }
        Ok(())
    }
}

fn kind(c: &mut Map<String, Value>, what: &str) {
    c.insert("type".into(), what.into());
}

fn name(id: Option<Id>) -> Value {
    id.map(|id| format!("${}", id.name())).into()
}

fn invoke(c: &mut Map<String, Value>, call: WastInvoke) -> Result<()> {
    c.insert("action".into(), "invoke".into());
    c.insert("instance".into(), name(call.module));
    c.insert("field".into(), call.name.into());
    let args = call.args.iter().map(|a| match a {
        WastArg::Component(v) => Ok(value(v)),
        _ => Err("a core value in place of a component's"),
    });
    c.insert(
        "args".into(),
        args.collect::<std::result::Result<Vec<_>, _>>()?.into(),
    );
    Ok(())
}

/// A value; numbers are text, because JSON's are not exact.
fn value(v: &WastVal) -> Value {
    let typed = |t: &str, v: Value| json!({"type": t, "value": v});
    let all = |vs: &[WastVal]| Value::from(vs.iter().map(value).collect::<Vec<_>>());
    let maybe = |v: &Option<Box<WastVal>>| v.as_ref().map_or(Value::Null, |v| value(v));
    match v {
        WastVal::Bool(x) => typed("bool", (*x).into()),
        WastVal::U8(x) => typed("u8", x.to_string().into()),
        WastVal::S8(x) => typed("s8", x.to_string().into()),
        WastVal::U16(x) => typed("u16", x.to_string().into()),
        WastVal::S16(x) => typed("s16", x.to_string().into()),
        WastVal::U32(x) => typed("u32", x.to_string().into()),
        WastVal::S32(x) => typed("s32", x.to_string().into()),
        WastVal::U64(x) => typed("u64", x.to_string().into()),
        WastVal::S64(x) => typed("s64", x.to_string().into()),
        WastVal::F32(x) => typed("f32", f32::from_bits(x.bits).to_string().into()),
        WastVal::F64(x) => typed("f64", f64::from_bits(x.bits).to_string().into()),
        WastVal::Char(x) => typed("char", x.to_string().into()),
        WastVal::String(x) => typed("string", (*x).into()),
        WastVal::List(x) => typed("list", all(x)),
        WastVal::Tuple(x) => typed("tuple", all(x)),
        WastVal::Map(x) => typed(
            "map",
            x.iter().map(|(k, v)| json!([value(k), value(v)])).collect(),
        ),
        WastVal::Record(x) => typed(
            "record",
            x.iter().map(|(k, v)| json!([k, value(v)])).collect(),
        ),
        WastVal::Variant(case, x) => json!({"type": "variant", "case": case, "value": maybe(x)}),
        WastVal::Enum(x) => typed("enum", (*x).into()),
        WastVal::Option(x) => typed("option", maybe(x)),
        WastVal::Result(Ok(x)) => json!({"type": "result", "ok": maybe(x)}),
        WastVal::Result(Err(x)) => json!({"type": "result", "err": maybe(x)}),
        WastVal::Flags(x) => typed("flags", x.iter().map(|s| json!(s)).collect()),
    }
}
