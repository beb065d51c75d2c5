#!/usr/bin/env bash
# Installs Debian's Bazel (bazel-bootstrap) and the JRE, jars and C/C++ libraries it needs in a private folder, on a Debian
# machine of any release. The machine's packages and apt state do not change.
#
#   install-bazel.sh PREFIX STAGING
#
# Everything is created in STAGING and renamed to PREFIX at the end; neither may exist.
set -euo pipefail
prefix=$1 staging=$2
suite=forky jre=openjdk-21-jre-headless

arch=$(dpkg --print-architecture)
case $arch in
  amd64) triple=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
  arm64) triple=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
  *) echo "install-bazel.sh: Debian packages no Bazel for $arch" >&2; exit 1 ;;
esac

# Use the mirror and the keyring of the machine's apt sources.
sources=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?(https?:[^ ]+) .*/\2/p' <<<"$sources" | head -n 1)
keyring=$(sed -nE 's/^Signed-By: *//p' <<<"$sources" | head -n 1)
if [[ -z $mirror ]]; then
  echo "install-bazel.sh: this machine's apt sources name no Debian mirror; install bazelisk instead" >&2
  exit 1
fi

# A private apt root, with sources, lists, a cache, and a fabricated state of installed packages.
mkdir -p "$staging"
staging=$(realpath "$staging")
trap 'rm -rf "$staging"' EXIT
apt=$staging/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
echo "deb [signed-by=${keyring:-/usr/share/keyrings/debian-archive-keyring.gpg}] $mirror $suite main" >"$apt/sources.list"
# Dependencies of bazel-bootstrap that are not needed at run time are declared to be installed.
for p in build-essential default-jdk-headless default-jre-headless python3 libjs-jquery node-core-js \
  node-html5shiv unzip protobuf-compiler-grpc-java-plugin ca-certificates-java java-common \
  liblcms2-2 libjpeg62-turbo libnss3 util-linux libpcsclite1 zlib1g-dev debconf; do
  printf 'Package: %s\nStatus: install ok installed\nArchitecture: %s\nMulti-Arch: foreign\nMaintainer: x\nVersion: 99:1\nDescription: x\n\n' "$p" "$arch"
done >"$apt/status"
private_apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$apt" \
    -o Dir::State::status="$apt/status" -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" \
    -o APT::Sandbox::User="$(id -un)" -o APT::Install-Recommends=false -o Acquire::Languages=none \
    -o Acquire::Retries=3 -o Debug::NoLocking=1 "$@"
}
private_apt update
# Bazel's JNI library loads libblake3-0 without declaring the dependency.
private_apt -y --download-only install bazel-bootstrap bazel-rules-shell libblake3-0 "$jre" patchelf
tree=$staging/tree
mkdir -p "$tree/bin"
for deb in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$tree"; done

# These refer to the tree by its final name.
version=${jre#openjdk-}
bazel=usr/share/bazel lib=usr/lib/$triple java=usr/lib/jvm/java-${version%%-*}-openjdk-$arch
find "$tree/usr" "$tree/etc" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
  ln -sfn "$prefix$(readlink "$link")" "$link"
done
ln -sfn /etc/ssl/certs/java/cacerts "$tree/$java/lib/security/cacerts"
# A jar's manifest names perfmark-api by absolute path. The package lacks the build label; without it, Bazel reports an
# unreleased version, which misleads bazel_features.
mkdir -p "$tree/usr/share/bazel-label"
echo "build.label=$(<"$tree/$bazel/build-label.txt")" >"$tree/usr/share/bazel-label/build-data.properties"
sed -i -e '$a /usr/share/java/perfmark-api.jar\n/usr/share/bazel-label' "$tree/$bazel/bazel_classpath_debian_depends.txt"
sed -i -e "s#^/usr/#$prefix/usr/#" "$tree/$bazel/bazel_classpath_debian_depends.txt"
# The programs use the tree's loader and C library. DT_RPATH, not RUNPATH, because libraries they dlopen inherit it.
for program in "$tree/usr/bin/bazel" "$tree/usr/libexec/$triple"/bazel/* "$tree/$java"/bin/* "$tree/$java/lib/jspawnhelper"; do
  [[ $(head -c 4 "$program" | tail -c 3) == ELF ]] || continue
  rpath=$prefix/$lib
  case $program in "$tree/$java"/*) rpath=$prefix/$java/lib:$prefix/$java/lib/server:$rpath ;; esac
  "$tree/$lib/$loader" --library-path "$tree/$lib" "$tree/usr/bin/patchelf" \
    --set-interpreter "$prefix/$lib/$loader" --force-rpath --set-rpath "$rpath" "$program"
done
cat >"$tree/bin/bazel" <<X
#!/bin/sh
exec "$prefix/usr/bin/bazel" --install_base="$prefix/$bazel" --trust_install_base --server_javabase="$prefix/$java" "\$@"
X
chmod +x "$tree/bin/bazel"
mv -T "$tree" "$prefix"
"$prefix/bin/bazel" --version
