//! A random sequence of file operations, of which every result is printed.

use crate::*;

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn path(&mut self) -> String {
        let names = ["a", "b", "c", "d", "link", "..", ".", "no"];
        let n = 1 + self.below(10) / 6 + self.below(10) / 9;
        let mut parts = Vec::new();
        for _ in 0..n {
            let known = if self.chance(90) { 5 } else { names.len() };
            parts.push(names[self.below(known)]);
        }
        parts.join("/")
    }
    fn follow(&mut self) -> PathFlags {
        if self.chance(50) { FOLLOW } else { NONE }
    }
}

fn facts(s: DescriptorStat) -> (DescriptorType, u64) {
    (s.type_, if s.type_ == DescriptorType::Directory { 0 } else { s.size })
}

pub fn run(dir: &Descriptor, seed: u64, steps: usize) {
    let mut r = Random(seed.wrapping_mul(0x9e3779b97f4a7c15) | 1);
    let (mut files, mut inputs, mut outputs): (Vec<Descriptor>, Vec<InputStream>, Vec<OutputStream>) = (vec![], vec![], vec![]);
    for step in 0..steps {
        let (p, q) = (r.path(), r.path());
        print!("{step} ");
        match r.below(30) {
            0..=6 => {
                let open = OpenFlags::from_bits_truncate((r.below(16) & r.below(16)) as u8) | if r.chance(40) { CREATE } else { PLAIN };
                // Wasmtime 42 opens what it truncates for writing, but does not say so.
                let write = if open.contains(OpenFlags::TRUNCATE) { W } else { DescriptorFlags::empty() };
                let flags = DescriptorFlags::from_bits_truncate(r.below(4) as u8) | write;
                let follow = r.follow();
                let f = dir.open_at(follow, &p, open, flags);
                say(&format!("open {p} {follow:?} {open:?} {flags:?}"), f.as_ref().map(|f| (f.get_type(), f.get_flags())));
                files.extend(f.ok());
                if files.len() > 6 {
                    files.remove(0);
                }
            }
            7..=13 if !files.is_empty() => {
                let k = r.below(files.len());
                let (f, at) = (&files[k], r.below(40) as u64);
                match r.below(9) {
                    0 => say("read", text(f.read(r.below(30) as u64, at))),
                    1 => say("write", f.write(&vec![b'a' + k as u8; r.below(20)], at)),
                    2 => say("size", f.set_size(at)),
                    3 => say("stat", f.stat().map(facts)),
                    4 => say("same", f.is_same_object(&files[0])),
                    5 => say("list", entries(f)),
                    6 => say("input", f.read_via_stream(at).map(|s| inputs.push(s))),
                    7 => say("output", f.write_via_stream(at).map(|s| outputs.push(s))),
                    _ => say("append", f.append_via_stream().map(|s| outputs.push(s))),
                }
            }
            14..=15 if !inputs.is_empty() => {
                let s = &inputs[r.below(inputs.len())];
                match r.below(2) {
                    0 => say("stream reads", bytes(s.blocking_read(1 + r.below(9) as u64))),
                    _ => say("stream skips", stream(s.blocking_skip(1 + r.below(9) as u64))),
                }
                if inputs.len() > 4 {
                    inputs.remove(0);
                }
            }
            16..=17 if !outputs.is_empty() => {
                let k = r.below(outputs.len());
                match r.below(3) {
                    0 => say("stream zeroes", stream(outputs[k].blocking_write_zeroes_and_flush(r.below(9) as u64))),
                    _ => say("stream writes", stream(outputs[k].blocking_write_and_flush(&vec![b'A' + k as u8; r.below(9)]))),
                }
                if outputs.len() > 4 {
                    outputs.remove(0);
                }
            }
            18 => say(&format!("mkdir {p}"), dir.create_directory_at(&p)),
            19 => say(&format!("rmdir {p}"), dir.remove_directory_at(&p)),
            20 | 21 => say(&format!("unlink {p}"), dir.unlink_file_at(&p)),
            22 | 23 => say(&format!("rename {p} {q}"), dir.rename_at(&p, dir, &q)),
            24 => say(&format!("symlink {p} {q}"), dir.symlink_at(&p, &q)),
            25 => say(&format!("link {p} {q}"), dir.link_at(NONE, &p, dir, &q)),
            26 => say(&format!("readlink {p}"), dir.readlink_at(&p)),
            27 => say(&format!("stat {p}"), dir.stat_at(r.follow(), &p).map(facts)),
            28 => say(&format!("hash {p}"), kind(dir.metadata_hash_at(r.follow(), &p))),
            _ => say("list", entries(dir)),
        }
    }
}
