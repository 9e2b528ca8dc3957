//! Decides which pages the binary carries, and lists their files for `http::pages`.
//!
//! `GraphiQL` and the front desk, when `web/dist` is there or npm can build them; otherwise small pages
//! of our own. The pages are never a reason for the build to fail.

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

/// What `GraphiQL` is built from, in `web/`; the front desk is all of `web/desk` beside it.
const SOURCES: [&str; 12] = [
    "package.json",
    "package-lock.json",
    "vite.config.js",
    "vite.desk.config.js",
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

/// The front desk as Vite names it, as it is served, and the page in its place without npm.
const DESK: (&str, &str, &str) = ("index.html", "desk.html", "desk-fallback.html");

/// The front desk as it is served at `/desk/mail`, one step deeper than what it names.
const DESK_MAIL: &str = "desk-mail.html";

/// What either page of the desk names beside it.
const BESIDE: [&str; 3] = ["=\"assets/", "=\"graphql\"", "=\"docs\""];

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
    let bundle = bundle(&web, &out)?;
    if let Some(bundle) = &bundle {
        copy_files(bundle, &assets, str::to_owned)?;
    } else {
        for (source, name) in FALLBACK {
            fs::copy(web.join(source), assets.join(name))?;
        }
    }
    let (built, served, fallback) = DESK;
    match bundle.map(|bundle| bundle.join("desk")).filter(|desk| desk.join(built).exists()) {
        // Beside GraphiQL's files, whose names are others but for the page itself and its twin.
        Some(desk) => copy_files(&desk, &assets, |name| name.replacen(built, served, 1))?,
        None => {
            fs::copy(web.join(fallback), assets.join(served))?;
        }
    }
    fs::write(assets.join(DESK_MAIL), deeper(fs::read_to_string(assets.join(served))?))?;
    for name in OTHERS {
        fs::copy(web.join(name), assets.join(name))?;
    }
    fs::write(out.join("web_assets.rs"), table(&assets)?)
}

/// A page as it is one step deeper: what it names is one step up.
fn deeper(page: String) -> String {
    BESIDE.iter().fold(page, |page, named| {
        page.replace(named, &format!("=\"../{}", named.trim_start_matches("=\"")))
    })
}

/// Names to cargo what the outcome depends on: a folder would make it walk `node_modules`.
fn watch(web: &Path) {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CLINIC_SKIP_WEB");
    let fallback = FALLBACK.iter().map(|(source, _)| source);
    for source in SOURCES.iter().chain(fallback).chain(&OTHERS).chain([&"desk", &DESK.2]) {
        println!("cargo::rerun-if-changed={}", web.join(source).display());
    }
    // A watched file that is not there would make every build run this again.
    for page in ["dist/index.html", "dist/desk/index.html"] {
        let built = web.join(page);
        if built.exists() {
            println!("cargo::rerun-if-changed={}", built.display());
        }
    }
}

/// The folder of the finished pages, unless this build does without.
fn bundle(web: &Path, out: &Path) -> io::Result<Option<PathBuf>> {
    if env::var_os("CLINIC_SKIP_WEB").is_some() {
        return Ok(None);
    }
    let built = web.join("dist");
    if built.join("index.html").exists() {
        return Ok(Some(built));
    }
    let sources = sources(web)?;
    Ok(build(web, &sources, &out.join("web"), &out.join("web-build.log")).unwrap_or_else(|error| {
        println!(
            "cargo::warning=GraphiQL and the front desk are left out, plain pages take their place: \
             {error} (`touch build.rs` tries again, CLINIC_SKIP_WEB=1 does not try)"
        );
        None
    }))
}

/// Whatever the pages are built from, by its path in `web/`.
fn sources(web: &Path) -> io::Result<Vec<PathBuf>> {
    let mut sources: Vec<PathBuf> = SOURCES.iter().map(PathBuf::from).collect();
    let mut folders = vec![PathBuf::from("desk")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(web.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if is_bundled(&path) {
                sources.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

/// Not what only checks and types are made of.
fn is_bundled(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let endings = [".ts", ".tsx", ".css", ".html", ".json"];
    endings.iter().any(|ending| name.ends_with(ending)) && !name.ends_with(".d.ts")
}

/// Copies the files of a folder, not those of the folders in it.
fn copy_files(from: &Path, to: &Path, named: impl Fn(&str) -> String) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            fs::copy(entry.path(), to.join(named(&name)))?;
        }
    }
    Ok(())
}

/// Builds in a copy, outside the source tree; the copy also tells whether anything changed since.
/// `None` where there is no npm.
fn build(web: &Path, sources: &[PathBuf], copy: &Path, log: &Path) -> io::Result<Option<PathBuf>> {
    let dist = copy.join("dist");
    let is_same = |source: &PathBuf| same(&web.join(source), &copy.join(source));
    if dist.join("desk/index.html").exists() && sources.iter().all(is_same) {
        return Ok(Some(dist));
    }
    if Command::new(NPM).arg("--version").output().is_err() {
        return Ok(None);
    }

    remove(copy)?;
    fs::create_dir_all(copy)?;
    for source in sources {
        let target = copy.join(source);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(web.join(source), target)?;
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
    for config in ["vite.config.js", "vite.desk.config.js"] {
        let build = ["build", "--config", config];
        run(Command::new("node").arg(&vite).args(build).current_dir(copy), log, deadline)?;
    }
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
    let is_own = |name: &str| {
        let is_fallback = FALLBACK.iter().any(|(_, served)| *served == name);
        is_fallback || [DESK.1, DESK_MAIL].contains(&name) || OTHERS.contains(&name)
    };
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
