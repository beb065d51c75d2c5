//! Calls every function of WASI 0.2 that wasi_snapshot_preview1 has means for, and prints what it returns, so that
//! implementations can be compared line by line. Values that differ between runs are printed as what must be true of them.

mod random;
mod std_calls;

use std::fmt::Debug;
use wasip2::cli::{environment, exit, stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::*;
use wasip2::io::poll::{poll, Pollable};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::random::{insecure, insecure_seed, random as secure};

const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;
const NONE: PathFlags = PathFlags::empty();
const RW: DescriptorFlags = DescriptorFlags::READ.union(DescriptorFlags::WRITE);
const R: DescriptorFlags = DescriptorFlags::READ;
const W: DescriptorFlags = DescriptorFlags::WRITE;
const MUTATE: DescriptorFlags = DescriptorFlags::READ.union(DescriptorFlags::MUTATE_DIRECTORY);
const CREATE: OpenFlags = OpenFlags::CREATE;
const PLAIN: OpenFlags = OpenFlags::empty();
const MS: u64 = 1_000_000;

/// Prints a value. Of an error code, only the name.
fn say(what: &str, value: impl Debug) {
    let text = format!("{value:?}");
    let mut parts = text.split("ErrorCode { code: ");
    print!("{what}: {}", parts.next().unwrap());
    for part in parts {
        let (_, name) = part.split_once("name: ").unwrap();
        let (name, rest) = name.split_once(", message: ").unwrap();
        print!("{}{}", name.replace(['"', '\\'], ""), rest.split_once(" }").unwrap().1);
    }
    println!();
}

/// The name of a result without its value.
fn kind<T>(r: Result<T, ErrorCode>) -> Result<(), ErrorCode> {
    r.map(|_| ())
}

fn text(r: Result<(Vec<u8>, bool), ErrorCode>) -> Result<(String, bool), ErrorCode> {
    r.map(|(b, end)| (String::from_utf8_lossy(&b).into_owned(), end))
}

/// A stream's result, with the error-code of a failure.
fn stream<T: Debug>(r: Result<T, StreamError>) -> String {
    match r {
        Ok(v) => format!("ok {v:?}"),
        Err(StreamError::Closed) => "closed".into(),
        Err(StreamError::LastOperationFailed(e)) => {
            format!("failed {:?}, text {}", filesystem_error_code(&e), !e.to_debug_string().is_empty())
        }
    }
}

fn bytes(r: Result<Vec<u8>, StreamError>) -> String {
    stream(r.map(|b| String::from_utf8_lossy(&b).into_owned()))
}

fn open(dir: &Descriptor, path: &str, open: OpenFlags, flags: DescriptorFlags) -> Descriptor {
    dir.open_at(NONE, path, open, flags).unwrap_or_else(|e| panic!("open {path}: {e:?}"))
}

fn put(dir: &Descriptor, path: &str, content: &str) {
    let f = open(dir, path, CREATE | OpenFlags::TRUNCATE, RW);
    assert_eq!(f.write(content.as_bytes(), 0), Ok(content.len() as u64));
}

fn content(dir: &Descriptor, path: &str) -> String {
    let f = open(dir, path, PLAIN, R);
    let (mut out, mut at) = (Vec::new(), 0);
    loop {
        let (b, end) = f.read(1 << 20, at).unwrap();
        at += b.len() as u64;
        out.extend(b);
        if end {
            return String::from_utf8_lossy(&out).into_owned();
        }
    }
}

fn all(s: &InputStream) -> Vec<u8> {
    let mut out = Vec::new();
    while let Ok(b) = s.blocking_read(1 << 20) {
        out.extend(b);
    }
    out
}

fn entries(dir: &Descriptor) -> Result<Vec<String>, ErrorCode> {
    let s = dir.read_directory()?;
    let mut out = Vec::new();
    while let Some(e) = s.read_directory_entry()? {
        out.push(format!("{}:{:?}", e.name, e.type_));
    }
    out.sort();
    Ok(out)
}

fn files(d: &Descriptor) {
    say("open what is missing", kind(d.open_at(NONE, "missing", PLAIN, R)));
    say("create", kind(d.open_at(NONE, "a", CREATE | OpenFlags::EXCLUSIVE, RW)));
    say("create again", kind(d.open_at(NONE, "a", CREATE | OpenFlags::EXCLUSIVE, RW)));
    say("create if missing", kind(d.open_at(NONE, "a", CREATE, RW)));
    say("open as a directory", kind(d.open_at(NONE, "a", OpenFlags::DIRECTORY, R)));
    say("directory and create", kind(d.open_at(NONE, "x", OpenFlags::DIRECTORY | CREATE, R)));
    let f = open(d, "a", PLAIN, RW);
    say("type", f.get_type());
    say("flags", f.get_flags());
    say("write", f.write(b"hello", 0));
    say("write nothing", f.write(b"", 3));
    say("write past the end", f.write(b"world", 10));
    say("size", f.stat().map(|s| s.size));
    say("read", text(f.read(100, 0)));
    say("read in part", text(f.read(3, 1)));
    say("read at the end", text(f.read(10, 15)));
    say("read past the end", text(f.read(10, 1000)));
    say("set size", f.set_size(3));
    say("read", text(f.read(100, 0)));
    say("set size", f.set_size(6));
    say("read", text(f.read(100, 0)));
    say("set a huge size", kind(f.set_size(u64::MAX)));
    say("write at a huge offset", kind(f.write(b"x", u64::MAX)));
    say("read at a huge offset", kind(f.read(1, u64::MAX)));
    say("advise", f.advise(0, 10, Advice::Sequential));
    say("sync-data", f.sync_data());
    say("sync", f.sync());
    say("truncate", kind(d.open_at(NONE, "a", OpenFlags::TRUNCATE, RW)));
    say("size", f.stat().map(|s| s.size));
    put(d, "a", "0123456789");
    let r = open(d, "a", PLAIN, R);
    say("flags of a reader", r.get_flags());
    say("reader writes", r.write(b"x", 0));
    say("reader sets size", r.set_size(1));
    let s = r.write_via_stream(0);
    say("reader opens a stream to write", s.as_ref().map(|_| ()));
    if let Ok(s) = s {
        say("and writes", stream(s.blocking_write_and_flush(b"x")));
        say("and again", stream(s.blocking_write_and_flush(b"x")));
        say("and checks", stream(s.check_write()));
        say("and flushes", stream(s.blocking_flush()));
    }
    let w = open(d, "a", PLAIN, W);
    say("flags of a writer", w.get_flags());
    say("writer reads", kind(w.read(1, 0)));
    let s = w.read_via_stream(0);
    say("writer opens a stream to read", s.as_ref().map(|_| ()));
    if let Ok(s) = s {
        say("and reads", bytes(s.blocking_read(1)));
        say("and again", bytes(s.blocking_read(1)));
    }
    say("flags after create for reading", open(d, "a", CREATE, R).get_flags());
    say("a file as a directory", (
        kind(f.stat_at(NONE, "x")), kind(f.open_at(NONE, "x", PLAIN, R)), f.create_directory_at("x"), kind(f.read_directory()),
        f.unlink_file_at("x"), kind(f.readlink_at("x")), f.remove_directory_at("x"), f.symlink_at("x", "y"),
    ));
    say("link from a file", f.link_at(NONE, "x", d, "y"));
    say("rename to a file", d.rename_at("a", &f, "y"));
    say("content", content(d, "a"));
    say("unlink", d.unlink_file_at("a"));
    say("unlink again", d.unlink_file_at("a"));
    say("read what is unlinked", text(f.read(3, 0)));
}

fn file_streams(d: &Descriptor) {
    put(d, "s", "0123456789");
    let f = open(d, "s", PLAIN, RW);
    let r = f.read_via_stream(2).unwrap();
    say("read", bytes(r.blocking_read(3)));
    say("skip", stream(r.blocking_skip(2)));
    say("read the rest", bytes(r.blocking_read(100)));
    say("read at the end", bytes(r.blocking_read(100)));
    say("read after the end", bytes(r.blocking_read(100)));
    say("skip after the end", stream(r.blocking_skip(100)));
    say("read past the end", bytes(f.read_via_stream(100).unwrap().blocking_read(1)));
    let w = f.write_via_stream(8).unwrap();
    say("may write", stream(w.check_write().map(|n| n > 0)));
    say("write", stream(w.write(b"ab")));
    say("flush", stream(w.blocking_flush()));
    say("write and flush", stream(w.blocking_write_and_flush(b"cd")));
    say("content", content(d, "s"));
    let w2 = f.write_via_stream(0).unwrap();
    say("two streams", (stream(w2.blocking_write_and_flush(b"X")), stream(w.blocking_write_and_flush(b"Y"))));
    say("zeroes", stream(w2.blocking_write_zeroes_and_flush(3)));
    say("content", content(d, "s"));
    let a = f.append_via_stream().unwrap();
    say("append", stream(a.blocking_write_and_flush(b"end")));
    say("write elsewhere", f.write(b"Z", 1));
    say("append", stream(a.blocking_write_and_flush(b"END")));
    say("content", content(d, "s"));
    say("past the end", stream(f.write_via_stream(20).unwrap().blocking_write_and_flush(b"!")));
    say("content", content(d, "s"));
    let (from, to) = (f.read_via_stream(9).unwrap(), open(d, "t", CREATE, RW).write_via_stream(0).unwrap());
    let mut n = 0;
    loop {
        match to.blocking_splice(&from, 4) {
            Ok(k) => n += k,
            Err(e) => break say("splice ends", stream::<()>(Err(e))),
        }
        say("flush", stream(to.blocking_flush()));
    }
    say("spliced", n);
    say("content", content(d, "t"));
    let p = from.subscribe();
    p.block();
    say("ready at the end", p.ready());
    drop(p);
    let p = to.subscribe();
    p.block();
    say("ready to write", p.ready());
    drop(p);
    let late = open(d, "s", PLAIN, R).read_via_stream(0).unwrap(); // its descriptor is gone
    say("read without the descriptor", bytes(late.blocking_read(4)));
    let large: Vec<u8> = (0..300_000u32).map(|i| (i / 7) as u8).collect();
    let f = open(d, "large", CREATE, RW);
    let w = f.write_via_stream(0).unwrap();
    for part in large.chunks(4096) {
        w.blocking_write_and_flush(part).unwrap();
    }
    say("large", all(&f.read_via_stream(0).unwrap()) == large);
    say("large write", f.write(&large, 300_000));
    say("size", f.stat().map(|s| s.size));
    let w = f.write_via_stream(0).unwrap();
    let mut at = 0;
    while at < large.len() {
        w.subscribe().block();
        let n = (w.check_write().unwrap() as usize).min(large.len() - at);
        w.write(&large[at..at + n]).unwrap();
        at += n;
    }
    say("flush", stream(w.blocking_flush()));
    say("large again", all(&f.read_via_stream(300_000).unwrap()) == large);
}

fn times(d: &Descriptor) {
    put(d, "m", "x");
    let f = open(d, "m", PLAIN, RW);
    let at = |seconds, nanoseconds| NewTimestamp::Timestamp(Datetime { seconds, nanoseconds });
    let shown = |s: Result<DescriptorStat, ErrorCode>| {
        s.map(|s| [s.data_access_timestamp, s.data_modification_timestamp].map(|t| t.map(|t| (t.seconds, t.nanoseconds))))
    };
    say("set", f.set_times(at(1_000_000, 5000), at(2_000_000_000, 999_999_000)));
    say("get", shown(f.stat()));
    say("keep one", f.set_times(NewTimestamp::NoChange, at(3, 0)));
    say("get", shown(d.stat_at(NONE, "m")));
    say("by path", d.set_times_at(NONE, "m", at(7, 0), NewTimestamp::NoChange));
    say("get", shown(f.stat()));
    say("now", f.set_times(NewTimestamp::Now, NewTimestamp::Now));
    let now = wall_clock::now().seconds;
    say("get", shown(f.stat()).map(|t| t.map(|t| t.is_some_and(|t| t.0 + 100 > now && t.0 < now + 100))));
    say("status change", f.stat().map(|s| s.status_change_timestamp.is_some_and(|t| t.seconds + 100 > now)));
    say("overflow", f.set_times(at(u64::MAX, 0), NewTimestamp::NoChange));
    say("of a missing file", d.set_times_at(FOLLOW, "missing", at(7, 0), NewTimestamp::NoChange));
    say("of a directory", d.set_times(at(9, 0), at(9, 0)));
    say("get", shown(d.stat()));
}

fn directories(d: &Descriptor) {
    say("create", d.create_directory_at("dir"));
    say("create again", d.create_directory_at("dir"));
    say("create below what is missing", d.create_directory_at("missing/dir"));
    let dir = open(d, "dir", OpenFlags::DIRECTORY, MUTATE);
    say("type", dir.get_type());
    say("flags", dir.get_flags());
    say("flags without", open(d, "dir", OpenFlags::DIRECTORY, R).get_flags());
    say("stat", dir.stat().map(|s| s.type_));
    say("empty", entries(&dir));
    put(&dir, "f", "x");
    say("create inside", dir.create_directory_at("sub"));
    say("link inside", dir.symlink_at("f", "l"));
    say("entries", entries(&dir));
    say("remove what is not empty", d.remove_directory_at("dir"));
    say("remove a file", dir.remove_directory_at("f"));
    say("remove what is missing", dir.remove_directory_at("missing"));
    say("unlink a directory", dir.unlink_file_at("sub"));
    say("open to write", (kind(d.open_at(NONE, "dir", PLAIN, RW)), kind(d.open_at(NONE, "dir", PLAIN, W))));
    say("create over it", kind(d.open_at(NONE, "dir", CREATE, RW)));
    say("streams of a directory", (
        dir.read_via_stream(0).map(|_| ()), dir.write_via_stream(0).map(|_| ()), dir.append_via_stream().map(|_| ()),
    ));
    say("bytes of a directory", (kind(dir.read(1, 0)), dir.write(b"x", 0), dir.set_size(0), dir.advise(0, 1, Advice::Normal)));
    say("sync", (dir.sync().is_ok(), dir.sync_data().is_ok()));
    say("rename", dir.rename_at("f", d, "g"));
    say("rename what is missing", dir.rename_at("f", d, "g"));
    say("rename over a file", { put(&dir, "h", "new"); dir.rename_at("h", d, "g") });
    say("content", content(d, "g"));
    say("rename a directory over a file", dir.rename_at("sub", d, "g"));
    say("rename a file over a directory", d.rename_at("g", &dir, "sub"));
    say("rename a directory into itself", d.rename_at("dir", &dir, "sub/x"));
    say("rename a directory", dir.rename_at("sub", d, "moved"));
    say("entries", entries(&dir));
    say("through a parent", kind(d.stat_at(NONE, "dir/../g")));
    say("with a slash", (kind(d.stat_at(NONE, "dir/")), kind(d.stat_at(NONE, "g/"))));
    say("dot", (kind(d.stat_at(NONE, ".")), kind(d.stat_at(NONE, "./dir/."))));
    say("below a file", kind(d.stat_at(NONE, "g/x")));
    say("remove", d.remove_directory_at("moved"));

    let long = "n".repeat(200);
    for i in 0..200 {
        put(&dir, &format!("{long}{i:03}"), "");
    }
    let s = dir.read_directory().unwrap();
    let other = dir.read_directory().unwrap();
    let mut n = 0;
    while let Some(e) = s.read_directory_entry().unwrap() {
        if e.type_ == DescriptorType::RegularFile {
            dir.unlink_file_at(&e.name).unwrap();
            n += 1;
        }
    }
    say("removed while reading", n);
    say("left", entries(&dir));
    say("after the end", s.read_directory_entry().map(|e| e.is_some()));
    say("opened before", other.read_directory_entry().map(|e| e.is_some()));
}

fn links(d: &Descriptor) {
    put(d, "target", "x");
    say("symlink", d.symlink_at("target", "link"));
    say("symlink again", d.symlink_at("target", "link"));
    say("read", d.readlink_at("link"));
    say("read a file", d.readlink_at("target"));
    say("read what is missing", d.readlink_at("missing"));
    say("stat", (d.stat_at(NONE, "link").map(|s| (s.type_, s.size)), d.stat_at(FOLLOW, "link").map(|s| (s.type_, s.size))));
    say("open", (kind(d.open_at(NONE, "link", PLAIN, R)), kind(d.open_at(FOLLOW, "link", PLAIN, R))));
    say("dangling", d.symlink_at("nothing", "dangling"));
    say("stat", (kind(d.stat_at(NONE, "dangling")), kind(d.stat_at(FOLLOW, "dangling"))));
    say("open", kind(d.open_at(FOLLOW, "dangling", PLAIN, R)));
    say("loop", (d.symlink_at("loop2", "loop1"), d.symlink_at("loop1", "loop2")));
    say("stat", (kind(d.stat_at(NONE, "loop1")), kind(d.stat_at(FOLLOW, "loop1"))));
    say("open", kind(d.open_at(FOLLOW, "loop1", PLAIN, R)));
    say("absolute", d.symlink_at("/etc", "absolute"));
    say("to the outside", d.symlink_at("../..", "outside"));
    say("open through it", kind(d.open_at(FOLLOW, "outside/etc", PLAIN, R)));
    say("times", d.set_times_at(NONE, "link", NewTimestamp::Timestamp(Datetime { seconds: 5, nanoseconds: 0 }), NewTimestamp::NoChange));
    say("times of the target", d.stat_at(FOLLOW, "link").map(|s| s.data_access_timestamp.is_some_and(|t| t.seconds != 5)));
    say("hard link", d.link_at(NONE, "target", d, "hard"));
    say("hard link again", d.link_at(NONE, "target", d, "hard"));
    say("hard link of what is missing", d.link_at(NONE, "missing", d, "hard2"));
    say("hard link of a directory", { d.create_directory_at("ld").unwrap(); d.link_at(NONE, "ld", d, "hard2") });
    say("count", d.stat_at(NONE, "target").map(|s| s.link_count));
    let (a, b, c) = (open(d, "target", PLAIN, R), open(d, "hard", PLAIN, R), open(d, "ld", PLAIN, R));
    say("same", (a.is_same_object(&b), a.is_same_object(&a), a.is_same_object(&c), c.is_same_object(&open(d, "ld", PLAIN, R))));
    let hash = |h: Result<MetadataHashValue, ErrorCode>| h.map(|h| (h.lower, h.upper));
    let before = hash(a.metadata_hash());
    say("hash", (before == hash(b.metadata_hash()), before == hash(c.metadata_hash()), before == hash(d.metadata_hash_at(NONE, "hard"))));
    say("hash of a link", (before == hash(d.metadata_hash_at(FOLLOW, "link")), before == hash(d.metadata_hash_at(NONE, "link"))));
    say("hash of what is missing", kind(d.metadata_hash_at(NONE, "missing")));
    say("unlink a link", (d.unlink_file_at("link"), kind(d.stat_at(NONE, "target"))));
}

fn outside(d: &Descriptor) {
    for path in ["..", "../x", "a/../../x", "/", "/etc/passwd", ""] {
        say(path, (
            kind(d.open_at(FOLLOW, path, PLAIN, R)), kind(d.stat_at(NONE, path)), d.create_directory_at(path), d.unlink_file_at(path),
            d.remove_directory_at(path), kind(d.readlink_at(path)), d.rename_at(path, d, "x"), d.link_at(NONE, path, d, "x"), d.symlink_at("x", path),
        ));
    }
    say("empty target", d.symlink_at("", "x"));
    say("a name that is too long", kind(d.open_at(NONE, &"x".repeat(300), CREATE, RW)));
    say("a path that is too long", kind(d.stat_at(NONE, &"x/".repeat(5000))));
    say("zero in a path", kind(d.stat_at(NONE, "a\0b")));
}

fn polls(d: &Descriptor) {
    let ready = |list: &[&Pollable]| poll(list);
    let after = |ms| monotonic_clock::subscribe_duration(ms * MS);
    say("no time", ready(&[&after(0)]));
    let far = after(3_600_000);
    say("far", far.ready());
    let start = monotonic_clock::now();
    say("the first of two", ready(&[&far, &after(20)]));
    say("waited", (20..10_000).contains(&((monotonic_clock::now() - start) / MS)));
    let start = monotonic_clock::now();
    after(15).block();
    say("blocked", (15..10_000).contains(&((monotonic_clock::now() - start) / MS)));
    say("an instant", ready(&[&monotonic_clock::subscribe_instant(0)]));
    say("now", ready(&[&far, &monotonic_clock::subscribe_instant(monotonic_clock::now())]));
    say("the last instant", monotonic_clock::subscribe_instant(u64::MAX).ready());
    say("the longest duration", monotonic_clock::subscribe_duration(u64::MAX).ready());
    put(d, "p", "x");
    let s = open(d, "p", PLAIN, R).read_via_stream(0).unwrap();
    let p = s.subscribe();
    say("a file", ready(&[&far, &p]));
    say("one twice", ready(&[&p, &far, &p]));
    drop(p);
    let out = stdout::get_stdout();
    say("output", ready(&[&far, &out.subscribe()]));
}

fn input() {
    let s = stdin::get_stdin();
    s.subscribe().block();
    say("read", bytes(s.blocking_read(6)));
    say("read nothing", bytes(s.read(0)));
    say("skip", stream(s.blocking_skip(2)));
    let mut rest = Vec::new();
    loop {
        match s.blocking_read(1000) {
            Ok(b) => rest.extend(b),
            Err(e) => break say("ends", stream::<()>(Err(e))),
        }
    }
    say("rest", String::from_utf8_lossy(&rest));
    say("again", bytes(s.blocking_read(1)));
    say("without waiting", bytes(s.read(1)));
    s.subscribe().block();
    let far = monotonic_clock::subscribe_duration(3_600_000 * MS);
    say("ready", poll(&[&far, &s.subscribe()]));
}

/// Reads standard input of which nothing is there at first.
fn slow() {
    let s = stdin::get_stdin();
    let p = s.subscribe();
    say("not ready", p.ready());
    say("read without waiting", bytes(s.read(10)));
    say("timer first", poll(&[&p, &monotonic_clock::subscribe_duration(20 * MS)]));
    say("input first", poll(&[&p, &monotonic_clock::subscribe_duration(3_600_000 * MS)]));
    say("read", bytes(s.blocking_read(10)));
    say("wait for more", bytes(s.blocking_read(10)));
    p.block();
    say("end", bytes(s.blocking_read(10)));
}

fn output() {
    let o: OutputStream = stdout::get_stdout();
    say("may write", stream(o.check_write().map(|n| n >= 4096)));
    say("write", stream(o.blocking_write_and_flush(b"[written]\n")));
    say("zeroes", stream(o.blocking_write_zeroes_and_flush(2)));
    say("flush", stream(o.blocking_flush()));
    let e = stderr::get_stderr();
    say("error", stream(e.blocking_write_and_flush("[zum Fehlerausgang: ß]\n".as_bytes())));
}

fn main() {
    let args = environment::get_arguments();
    match args.get(1).map(String::as_str) {
        Some("exit-ok") => exit::exit(Ok(())),
        Some("exit-err") => exit::exit(Err(())),
        Some("status") => std::process::exit(3),
        Some("trap") => unreachable!(),
        Some("slow") => return slow(),
        Some("std") => return std_calls::run(&get_directories()[0].1).unwrap(),
        Some("random") => {
            let number = |i: usize| args[i].parse().unwrap();
            return random::run(&get_directories()[0].0, number(2), number(3) as usize);
        }
        _ => {}
    }
    println!("# cli");
    say("arguments", &args[1..]);
    say("environment", environment::get_environment());
    say("working directory", environment::initial_cwd());
    say("terminals", (
        terminal_stdin::get_terminal_stdin().is_some(), terminal_stdout::get_terminal_stdout().is_some(),
        terminal_stderr::get_terminal_stderr().is_some(),
    ));
    println!("# clocks");
    let (a, b) = (monotonic_clock::now(), monotonic_clock::now());
    say("monotonic", (a <= b, monotonic_clock::resolution() > 0));
    let (now, res) = (wall_clock::now(), wall_clock::resolution());
    say("wall", (now.seconds > 1_700_000_000, now.nanoseconds < 1_000_000_000, res.seconds > 0 || res.nanoseconds > 0));
    println!("# random");
    say("bytes", (secure::get_random_bytes(0).len(), secure::get_random_bytes(17).len(), secure::get_random_bytes(200_000).len()));
    say("differ", (secure::get_random_bytes(16) != secure::get_random_bytes(16), secure::get_random_u64() != secure::get_random_u64()));
    say("insecure", (insecure::get_insecure_random_bytes(9).len(), insecure::get_insecure_random_u64() != insecure::get_insecure_random_u64()));
    say("seed", insecure_seed::insecure_seed() != (0, 0));
    println!("# directories");
    let dirs = get_directories();
    say("preopened", dirs.iter().map(|d| d.1.as_str()).collect::<Vec<_>>());
    say("again", get_directories().len());
    let d = &dirs[0].0;
    say("flags", d.get_flags());
    say("type", d.get_type());
    for (name, part) in [
        ("files", files as fn(&Descriptor)), ("streams", file_streams), ("times", times), ("dirs", directories), ("links", links),
        ("outside", outside), ("polls", polls),
    ] {
        println!("# {name}");
        d.create_directory_at(name).unwrap();
        part(&open(d, name, OpenFlags::DIRECTORY, MUTATE));
    }
    println!("# input");
    input();
    println!("# output");
    output();
}
