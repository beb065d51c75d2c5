//! What Rust's standard library makes of WASI 0.2.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant, SystemTime};

pub fn run(root: &str) -> io::Result<()> {
    let path = |p: &str| format!("{root}/{p}");
    fs::create_dir_all(path("x/y/z"))?;
    fs::write(path("x/text"), "eins\nzwei\ndrei\n")?;
    let mut f = OpenOptions::new().append(true).open(path("x/text"))?;
    f.write_all(b"vier\n")?;
    f.sync_all()?;
    for line in BufReader::new(File::open(path("x/text"))?).lines() {
        println!("line {}", line?);
    }
    let mut f = OpenOptions::new().read(true).write(true).open(path("x/text"))?;
    println!("seek {}", f.seek(SeekFrom::End(-5))?);
    f.write_all(b"VIER")?;
    f.seek(SeekFrom::Start(10))?;
    let mut rest = String::new();
    f.read_to_string(&mut rest)?;
    println!("rest {rest:?}, at {}", f.stream_position()?);
    f.set_len(4)?;
    println!("copied {}", fs::copy(path("x/text"), path("x/y/copy"))?);
    fs::rename(path("x/y/copy"), path("x/y/z/moved"))?;
    println!("moved {:?}", fs::read_to_string(path("x/y/z/moved"))?);
    let m = fs::metadata(path("x/text"))?;
    println!("metadata {} {} {}", m.is_file(), m.len(), m.modified()?.elapsed().unwrap_or_default() < Duration::from_secs(100));
    for i in 0..300 {
        File::create(path(&format!("x/file {i}")))?;
    }
    let mut names: Vec<_> = fs::read_dir(path("x"))?.map(|e| e.map(|e| (e.file_name(), e.file_type().unwrap().is_dir()))).collect::<Result<_, _>>()?;
    names.sort();
    println!("{} entries, first {:?}, last {:?}", names.len(), names[0], names[names.len() - 1]);
    println!("missing {:?}", fs::read(path("missing")).unwrap_err().kind());
    println!("exists {:?}", OpenOptions::new().write(true).create_new(true).open(path("x/text")).unwrap_err().kind());
    println!("not empty {:?}", fs::remove_dir(path("x")).unwrap_err().kind());
    println!("outside {}", File::open("/etc/passwd").is_err());
    fs::remove_dir_all(path("x"))?;
    println!("left {}", fs::read_dir(root)?.count());

    let (start, wall) = (Instant::now(), SystemTime::now());
    std::thread::sleep(Duration::from_millis(20));
    println!("slept {} {}", start.elapsed() >= Duration::from_millis(20), wall.elapsed().is_ok());
    let counts = io::stdin().lines().map_while(Result::ok).fold(HashMap::new(), |mut m, line| {
        *m.entry(line).or_insert(0) += 1;
        m
    });
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort();
    println!("stdin {counts:?}");
    println!("environment {:?} {:?}", std::env::var("A"), std::env::args().count());
    eprintln!("done");
    Ok(())
}
