# What the scripts for other machines share. They set -euo pipefail and stand at the top of the repository.

is_debian() { command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; }
install_packages() { (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@") >/dev/null 2>&1 || true; }
refuse() { echo "$(basename "$0"): not built: $1" >&2; exit 3; }

# The folder of everything that is built, as an absolute path.
build_folder() { case ${CARGO_TARGET_DIR:-target} in /*) echo "$CARGO_TARGET_DIR" ;; *) echo "$PWD/${CARGO_TARGET_DIR:-target}" ;; esac; }

program_version() { sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1; }

# checksums FILE...: their SHA-256, with Linux's command or that of macOS.
checksums() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# Leaves out of what is built where it was built: the folders of the source, of the crates, and of the compiler. With the same source, lock file, and
# compiler, two machines then build the same bytes. Cargo leaves these flags out of the names of symbols.
strip_builder_paths() {
  local home=${CARGO_HOME:-$HOME/.cargo} separator=$'\x1f' flags=() folder
  for folder in "$home/registry/src/"*; do flags+=("--remap-path-prefix=$folder=/crates"); done
  flags+=("--remap-path-prefix=$(rustc --print sysroot)=/rust" "--remap-path-prefix=$PWD=/mucalc")
  export CARGO_ENCODED_RUSTFLAGS
  CARGO_ENCODED_RUSTFLAGS=$(IFS=$separator; echo "${flags[*]}")
  # The C library of Zstandard.
  export CFLAGS="${CFLAGS:-} -ffile-prefix-map=$home=/crates -ffile-prefix-map=$PWD=/mucalc"
}

# license_page FILE: the licenses of all packages in the program, by cargo-about, which is installed if it is not there.
license_page() {
  local tools
  tools=$(build_folder)/tools
  if ! command -v cargo-about >/dev/null && [ ! -x "$tools/bin/cargo-about" ]; then
    CARGO_TARGET_DIR=$tools/build cargo install --quiet --locked --features cli --root "$tools" cargo-about@0.9.3 ||
      refuse "cargo-about cannot be installed"
  fi
  PATH=$PATH:$tools/bin cargo about generate --locked --config packaging/about.toml packaging/licenses.hbs -o "$1"
}

# need PROGRAM PACKAGE...: a program, which Debian has in these packages.
need() {
  local program=$1
  shift
  if ! command -v "$program" >/dev/null && is_debian; then install_packages "$@"; fi
  command -v "$program" >/dev/null || refuse "$program is missing (Debian: $*)"
}

# Whether rustup's compiler has a target.
has_target() { [ -d "$(rustc --print target-libdir --target "$1" 2>/dev/null)" ]; }

# cargo_for TARGET FOLDER COMMAND...: cargo for another machine. The compiler is rustup's if it has the target, otherwise Debian's, which builds the
# standard library from its sources: the parts of it in STD.
cargo_for() {
  local target=$1 folder=$2 debian=/usr/bin/rustc
  shift 2
  if has_target "$target"; then
    cargo "$@" --locked --release --target "$target" --target-dir "$folder"
    return
  fi
  has_sources() { [ -x $debian ] && [ -e "$($debian --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ]; }
  if ! has_sources && is_debian; then install_packages rustc-web rust-web-src; fi
  has_sources || refuse "run \`rustup target add $target\`"
  RUSTC=$debian RUSTC_BOOTSTRAP=1 cargo "$@" --locked --release --target "$target" --target-dir "$folder" \
    -Z build-std="${STD:-std,panic_unwind,test}"
}

cross() { cargo_for "$1" "$2" build --package mucalc --bin mucalc; }

# archive FOLDER FILE: a zip or a tar.gz of a folder, the same for the same source.
archive() {
  local folder=$1 file=$2 epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
  rm -f "$file"
  python3 - "$folder" "$file" "$epoch" <<'PYTHON'
import gzip, os, pathlib, sys, tarfile, time, zipfile
folder, file, epoch = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
paths = sorted(path for path in folder.rglob("*") if path.is_file())
name = lambda path: str(pathlib.PurePosixPath(folder.name, path.relative_to(folder).as_posix()))
mode = lambda path: 0o755 if path.name in ("mucalc", "mucalc.exe") else 0o644
if file.endswith(".zip"):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for path in paths:
            entry = zipfile.ZipInfo(name(path), time.gmtime(max(epoch, 315532800))[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode(path)) << 16
            out.writestr(entry, path.read_bytes())
else:
    with open(file, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, epoch) as packed, tarfile.open(fileobj=packed, mode="w") as out:
        for path in paths:
            entry = tarfile.TarInfo(name(path))
            entry.size, entry.mode, entry.mtime = path.stat().st_size, mode(path), epoch
            with path.open("rb") as data:
                out.addfile(entry, data)
PYTHON
}
