# shellcheck shell=bash
# Sourced by the scripts here, after ../lib.sh: what runs programs of other platforms on Linux on x86-64, from Debian's archive,
# by the digests in tools/guests/debs.lock, installed on first use in a private folder ($GUEST_KIT, by default in the user's cache).

export GUEST_KIT=${GUEST_KIT:-$cache/guests}
machines=$GUEST_KIT/prefix

# once_debs NAME PACKAGE/SUITE...: unpacks packages as $machines/NAME/root, unless they are there, and then runs make_NAME.
once_debs() {
  local name=$1
  if [[ -e $machines/$name/ready ]]; then return; fi
  echo "fetching: $name, into $machines" >&2
  "$root/tools/guests/get-debs.sh" "$machines/$name" "${@:2}" >&2 || return 1
  "make_$name" || return 1
  touch "$machines/$name/ready"
}

# --- arm64: QEMU runs a process of another processor ---------------------------------------------------------------

# Its C library is for wasmrun; the other programs need none.
get_qemu() { once_debs qemu qemu-user-static/bookworm libc6-arm64-cross/bookworm; }
make_qemu() { test -x "$machines/qemu/root/usr/bin/qemu-aarch64-static"; }
qemu_version() { "$machines/qemu/root/usr/bin/qemu-aarch64-static" --version | sed -nE 's/^qemu-aarch64 version ([^ ]*).*/\1/p'; }
qemu() { "$machines/qemu/root/usr/bin/qemu-aarch64-static" -L "$machines/qemu/root/usr/aarch64-linux-gnu" "$@"; }

# --- Windows: Wine has its system calls and libraries --------------------------------------------------------------

# Go's programs need the library bcryptprimitives, which Wine 8 of Debian 12 does not have.
get_wine() {
  once_debs wine wine64/trixie libwine/trixie libunwind8/trixie liblzma5/trixie libgcc-s1/trixie libc6/trixie libz-mingw-w64/trixie \
    patchelf/trixie
}

# It starts itself for its processes, with the C library that it was built for: both programs name that library's loader. What
# it starts that is not its own runs with the machine's library, so no variable of the environment does that.
make_wine() {
  local tree=$machines/wine/root lib program loader
  lib=$tree/usr/lib/x86_64-linux-gnu
  loader=$lib/ld-linux-x86-64.so.2
  for program in wine64 wineserver64; do
    "$loader" --library-path "$lib" "$tree/usr/bin/patchelf" --set-interpreter "$loader" --force-rpath --set-rpath "$lib" \
      "$tree/usr/lib/wine/$program" || return 1
  done
  ln -sf wineserver64 "$tree/usr/lib/wine/wineserver" # a script that looks below /usr
  ln -sfn . "$tree/usr/share/wine/wine"                # where the server looks for its tables
  # The system folder and registry of Windows. It takes 20 s, so programs start with a ready one.
  rm -rf "$machines/wine/windows"
  mkdir -p "$machines/wine/windows/drive_c/windows/system32"
  cp "$tree/usr/x86_64-w64-mingw32/lib/zlib1.dll" "$machines/wine/windows/drive_c/windows/system32/"
  wine cmd /c ver </dev/null >/dev/null 2>&1 || return 1
  wine_ends
  # Its libraries are copies, of 700 MB.
  for program in "$lib"/wine/x86_64-windows/*.*; do
    local copy=$machines/wine/windows/drive_c/windows/system32/${program##*/}
    if cmp -s "$program" "$copy"; then ln -f "$program" "$copy"; fi
  done
}
wine_version() { "$machines/wine/root/usr/lib/wine/wine64" --version | sed 's/^wine-//'; }

# wine PROGRAM ARG...: runs a program of Windows. Messages are the program's only.
wine() {
  WINEPREFIX=$machines/wine/windows WINEDEBUG=-all WINEDLLOVERRIDES='mscoree=;mshtml=' \
    "$machines/wine/root/usr/lib/wine/wine64" "$@"
}

# wine_starts: starts the server and other processes that Wine keeps, which would otherwise keep the first program's output open.
wine_starts() {
  wine_ends
  WINEPREFIX=$machines/wine/windows "$machines/wine/root/usr/lib/wine/wineserver64" -p </dev/null >/dev/null 2>&1
  wine cmd /c ver </dev/null >/dev/null 2>&1
}

# wine_ends: ends Wine's processes.
wine_ends() {
  WINEPREFIX=$machines/wine/windows "$machines/wine/root/usr/lib/wine/wineserver64" -k || true # none runs
  WINEPREFIX=$machines/wine/windows "$machines/wine/root/usr/lib/wine/wineserver64" -w || true
}
