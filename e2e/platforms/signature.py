"""Checks the ad-hoc signature of a Mach-O program: signature.py FILE.

Apple's header files mach-o/loader.h and cs_blobs.h describe the structures.
"""

import hashlib
import struct
import sys

LC_CODE_SIGNATURE = 0x1D
EMBEDDED_SIGNATURE, CODE_DIRECTORY = 0xFADE0CC0, 0xFADE0C02
ADHOC, SHA256 = 0x2, 2

data = open(sys.argv[1], "rb").read()
commands = struct.unpack_from("<I", data, 16)[0]
at, signature = 32, None
for _ in range(commands):
    command, size = struct.unpack_from("<II", data, at)
    if command == LC_CODE_SIGNATURE:
        signature = struct.unpack_from("<I", data, at + 8)[0]
    at += size
if signature is None:
    sys.exit("it is not signed")
magic, _, _, slot, offset = struct.unpack_from(">IIIII", data, signature)
directory = signature + offset
kind, _, _, flags, hashes, _, _, code_slots, limit, hash_size, hash_type, _, page = struct.unpack_from(">IIIIIIIIIBBBB", data, directory)
if (magic, slot, kind, hash_type) != (EMBEDDED_SIGNATURE, 0, CODE_DIRECTORY, SHA256) or not flags & ADHOC:
    sys.exit("its signature is not an ad-hoc one")
for i in range(code_slots):
    want = data[directory + hashes + i * hash_size :][:hash_size]
    if hashlib.sha256(data[i << page : min((i + 1) << page, limit)]).digest() != want:
        sys.exit(f"page {i} has another digest than its signature")
if code_slots != -(-limit // (1 << page)) or limit != signature:
    sys.exit("its signature does not cover all of it")
