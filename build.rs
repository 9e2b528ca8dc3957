//! Decides which GraphQL page the binary carries, and lists its files for `http::pages`.
//!
//! `GraphiQL`, when `web/dist` is there or npm can build it; otherwise a small page of our own.
//! The page is never a reason for the build to fail.

use std::{
    env,
    ffi::OsStr,
    fmt::Write as _,
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What `GraphiQL` is built from, in `web/`.
const SOURCES: [&str; 11] = [
    "package.json",
    "package-lock.json",
    "vite.config.js",
    "index.html",
    "main.jsx",
    "main.css",
    "examples.js",
    "fill.js",
    "known.js",
    "tabs.js",
    "token.js",
];

/// The page of our own: each file in `web/`, and the name it is served under.
const FALLBACK: [(&str, &str); 4] = [
    ("fallback.html", "index.html"),
    ("fallback.css", "fallback.css"),
    ("fallback.js", "fallback.js"),
    ("fill.js", "fill.js"),
];

/// What the other pages load, whichever page GraphQL has.
const OTHERS: [&str; 8] = [
    "docs.html",
    "docs.css",
    "docs.js",
    "home.js",
    "examples.js",
    "known.js",
    "token.js",
    "sign-in.css",
];

/// How long npm and Vite may take together; without a network npm waits for long.
const PATIENCE: Duration = Duration::from_mins(3);

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

fn main() -> io::Result<()> {
    let web = directory("CARGO_MANIFEST_DIR")?.join("web");
    let out = directory("OUT_DIR")?;
    watch(&web);

    let assets = out.join("web-assets");
    remove(&assets)?;
    fs::create_dir_all(&assets)?;
    if let Some(bundle) = bundle(&web, &out) {
        for entry in fs::read_dir(bundle)? {
            let entry = entry?;
            fs::copy(entry.path(), assets.join(entry.file_name()))?;
        }
    } else {
        for (source, name) in FALLBACK {
            fs::copy(web.join(source), assets.join(name))?;
        }
    }
    for name in OTHERS {
        fs::copy(web.join(name), assets.join(name))?;
    }
    fs::write(out.join("web_assets.rs"), table(&assets)?)
}

/// Names to cargo what the outcome depends on: a folder would make it walk `node_modules`.
fn watch(web: &Path) {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CLINIC_SKIP_WEB");
    let fallback = FALLBACK.iter().map(|(source, _)| source);
    for source in SOURCES.iter().chain(fallback).chain(&OTHERS) {
        println!("cargo::rerun-if-changed={}", web.join(source).display());
    }
    // A watched file that is not there would make every build run this again.
    let built = web.join("dist/index.html");
    if built.exists() {
        println!("cargo::rerun-if-changed={}", built.display());
    }
}

/// The folder of the finished `GraphiQL`, unless this build does without.
fn bundle(web: &Path, out: &Path) -> Option<PathBuf> {
    if env::var_os("CLINIC_SKIP_WEB").is_some() {
        return None;
    }
    let built = web.join("dist");
    if built.join("index.html").exists() {
        return Some(built);
    }
    match build(web, &out.join("web"), &out.join("web-build.log")) {
        Ok(dist) => dist,
        Err(error) => {
            println!(
                "cargo::warning=GraphiQL is left out, a plain page takes its place: {error} \
                 (`touch build.rs` tries again, CLINIC_SKIP_WEB=1 does not try)"
            );
            None
        }
    }
}

/// Builds in a copy, outside the source tree; the copy also tells whether anything changed since.
/// `None` where there is no npm.
fn build(web: &Path, copy: &Path, log: &Path) -> io::Result<Option<PathBuf>> {
    let dist = copy.join("dist");
    let is_same = |source| same(&web.join(source), &copy.join(source));
    if dist.join("index.html").exists() && SOURCES.into_iter().all(is_same) {
        return Ok(Some(dist));
    }
    if Command::new(NPM).arg("--version").output().is_err() {
        return Ok(None);
    }

    remove(copy)?;
    fs::create_dir_all(copy)?;
    for source in SOURCES {
        fs::copy(web.join(source), copy.join(source))?;
    }
    let deadline = Instant::now() + PATIENCE;
    let modules = copy.join("node_modules");
    let install = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=0",
        "--prefer-offline",
    ];
    run(Command::new(NPM).args(install).current_dir(copy), log, deadline)?;
    // Vite itself, not `npm run`: what is stopped at the deadline must be the process that works.
    let vite = modules.join("vite/bin/vite.js");
    run(Command::new("node").arg(vite).arg("build").current_dir(copy), log, deadline)?;
    remove(&modules)?;
    Ok(Some(dist))
}

/// Runs a command to its end, or stops it at the deadline.
fn run(command: &mut Command, log: &Path, deadline: Instant) -> io::Result<()> {
    let output = File::create(log)?;
    let name = command.get_program().to_os_string();
    let mut child =
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn()?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(ErrorKind::TimedOut, failure(&name, "took too long", log)));
        }
        thread::park_timeout(Duration::from_millis(50));
    };
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(failure(&name, &status.to_string(), log)))
}

fn failure(program: &OsStr, reason: &str, log: &Path) -> String {
    format!("{}: {reason}, see {}", program.display(), log.display())
}

/// The files as a Rust array of `Asset`, each with its gzip twin where there is one.
fn table(assets: &Path) -> io::Result<String> {
    let mut files = fs::read_dir(assets)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    files.sort();

    let is_twin = |name: &str| Path::new(name).extension() == Some(OsStr::new("gz"));
    let is_own =
        |name: &str| OTHERS.contains(&name) || FALLBACK.iter().any(|(_, served)| *served == name);
    let mut table = String::from("[\n");
    for name in files.iter().filter(|name| !is_twin(name)) {
        let twin = format!("{name}.gz");
        let gzip = if files.contains(&twin) {
            format!("Some({})", include(&assets.join(twin)))
        } else {
            "None".to_owned()
        };
        let hashed = !is_own(name);
        let plain = include(&assets.join(name));
        writeln!(
            table,
            "Asset {{ name: {name:?}, hashed: {hashed}, plain: {plain}, gzip: {gzip} }},"
        )
        .map_err(io::Error::other)?;
    }
    table.push_str("]\n");
    Ok(table)
}

fn include(path: &Path) -> String {
    format!("include_bytes!({:?})", path.to_string_lossy())
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn directory(variable: &str) -> io::Result<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other(format!("cargo sets {variable}")))
}
