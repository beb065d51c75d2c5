"""Digests of released programs. Written by tools/release."""

# Version to file to SHA-256, in hexadecimal; the newest version first. Only the sources of a release have one, so those of a
# commit build the programs from source.
RELEASES = {}
