// Kernels whose loads and stores the benchmark of package onememory measures. Each exported function runs one of them n
// times and returns a checksum. Built by build.sh.
typedef unsigned char u8;
typedef unsigned u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))
#define SIZE (1 << 16)

static u32 words[SIZE], table[1 << 15], counts[1 << 15];
static u8 from[SIZE], to[SIZE];

static u32 state;
static u32 next(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

// grow makes the memory one that grows.
EXPORT(grow) int grow(int pages) { return (int)__builtin_wasm_memory_grow(0, (unsigned long)pages); }

EXPORT(sort) u32 sort(u32 n) {
  u32 sum = 0;
  for (u32 round = 0; round < n; round++) {
    state = 1 + round;
    for (u32 i = 0; i < 700; i++) words[i] = next();
    for (u32 i = 1; i < 700; i++) {
      u32 x = words[i], k = i;
      for (; k > 0 && words[k - 1] > x; k--) words[k] = words[k - 1];
      words[k] = x;
    }
    sum += words[350];
  }
  return sum;
}

EXPORT(hash) u32 hash(u32 n) {
  u32 found = 0;
  for (u32 round = 0; round < n; round++) {
    state = 7 + round;
    for (u32 i = 0; i < (1 << 15); i++) table[i] = counts[i] = 0;
    for (u32 i = 0; i < 12000; i++) {
      u32 key = (next() & 0x3fff) | 1, at = (key * 2654435761u) >> 17;
      while (table[at] && table[at] != key) at = (at + 1) & 0x7fff;
      table[at] = key;
      found += counts[at]++;
    }
  }
  return found;
}

static u32 text(u8 *at) {
  u32 n = 0;
  state = 99;
  while (n < SIZE - 40) {
    u32 x = next();
    for (u32 digits = 1 + x % 7; digits; digits--, x /= 3) at[n++] = '0' + x % 10;
    at[n++] = ",; \n"[next() & 3];
  }
  return n;
}

EXPORT(parse) u32 parse(u32 n) {
  u32 sum = 0, end = text(from);
  for (u32 round = 0; round < n; round++) {
    u32 value = 0;
    for (u32 i = 0; i < end; i++) {
      u8 c = from[i];
      if (c >= '0' && c <= '9') {
        value = value * 10 + (c - '0');
      } else {
        sum += value ^ c;
        value = 0;
      }
    }
  }
  return sum;
}

EXPORT(copy) u32 copy(u32 n) {
  u32 sum = 0;
  text(from);
  for (u32 round = 0; round < n; round++) {
    volatile u8 *d = to;
    for (u32 i = 0; i < 20000; i++) d[i] = from[i];
    volatile u32 *w = (volatile u32 *)to;
    const u32 *s = (const u32 *)from;
    for (u32 i = 5000; i < 15000; i++) w[i] = s[i];
    sum += to[round % SIZE];
  }
  return sum;
}

struct node {
  u32 key, next;
  u64 weight;
  u32 left, right;
};
static struct node nodes[4096];

EXPORT(walk) u32 walk(u32 n) {
  u32 sum = 0;
  for (u32 i = 0; i < 4096; i++) nodes[i] = (struct node){i * 7, (i * 1021 + 13) & 4095, i, i ^ 5, i ^ 9};
  for (u32 round = 0; round < n; round++) {
    u32 at = round & 4095;
    for (u32 i = 0; i < 20000; i++) {
      struct node *x = &nodes[at];
      x->weight += x->key;
      sum += (u32)x->weight + nodes[x->left].key + nodes[x->right].key;
      at = x->next;
    }
  }
  return sum;
}

static const u32 keys[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
#define ROT(x, r) ((x) >> (r) | (x) << (32 - (r)))

static void block(u32 *h, const u8 *p) {
  u32 w[64], v[8];
  for (u32 i = 0; i < 16; i++) w[i] = (u32)p[4 * i] << 24 | (u32)p[4 * i + 1] << 16 | (u32)p[4 * i + 2] << 8 | p[4 * i + 3];
  for (u32 i = 16; i < 64; i++) {
    u32 a = ROT(w[i - 15], 7) ^ ROT(w[i - 15], 18) ^ w[i - 15] >> 3, b = ROT(w[i - 2], 17) ^ ROT(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  for (u32 i = 0; i < 8; i++) v[i] = h[i];
  for (u32 i = 0; i < 64; i++) {
    u32 s1 = ROT(v[4], 6) ^ ROT(v[4], 11) ^ ROT(v[4], 25), ch = (v[4] & v[5]) ^ (~v[4] & v[6]), t1 = v[7] + s1 + ch + keys[i] + w[i];
    u32 s0 = ROT(v[0], 2) ^ ROT(v[0], 13) ^ ROT(v[0], 22), t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    v[7] = v[6], v[6] = v[5], v[5] = v[4], v[4] = v[3] + t1, v[3] = v[2], v[2] = v[1], v[1] = v[0], v[0] = t1 + t2;
  }
  for (u32 i = 0; i < 8; i++) h[i] += v[i];
}

EXPORT(sha256) u32 sha256(u32 n) {
  u32 h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  text(from);
  for (u32 round = 0; round < n; round++)
    for (u32 i = 0; i < 200; i++) block(h, from + 64 * i);
  return h[0] ^ h[7];
}

static u32 json_text(u8 *at) {
  static const char *const parts[] = {"{\"name\": \"", "\", \"values\": [", "], \"nested\": {\"a\": true, \"b\": null}}"};
  u32 n = 0;
  state = 3;
  at[n++] = '[';
  while (n < SIZE - 400) {
    for (u32 part = 0; part < 3; part++) {
      for (const char *c = parts[part]; *c; c++) at[n++] = (u8)*c;
      for (u32 k = next() & 15; part == 0 && k; k--) at[n++] = 'a' + (next() & 15);
      for (u32 k = next() & 7; part == 1 && k; k--) {
        at[n++] = '1' + (next() & 7);
        at[n++] = k > 1 ? ',' : ' ';
      }
    }
    at[n++] = ',';
  }
  at[n++] = ']';
  return n;
}

struct token {
  u32 kind, start, end;
};
static struct token tokens[SIZE];

EXPORT(json) u32 json(u32 n) {
  u32 sum = 0, end = json_text(from);
  for (u32 round = 0; round < n; round++) {
    u32 count = 0;
    for (u32 i = 0; i < end;) {
      u8 c = from[i];
      u32 start = i++;
      switch (c) {
      case ' ': case '\n': continue;
      case '"':
        while (from[i] != '"') i++;
        i++;
        break;
      case '{': case '}': case '[': case ']': case ',': case ':': break;
      default:
        while (from[i] != ',' && from[i] != '}' && from[i] != ']' && from[i] != ' ') i++;
      }
      tokens[count++] = (struct token){c, start, i};
    }
    sum += count + tokens[count / 2].end;
  }
  return sum;
}

EXPORT(bulk) u32 bulk(u32 n) {
  u32 sum = 0;
  text(from);
  for (u32 round = 0; round < n; round++) {
    state = 5 + round;
    for (u32 i = 0; i < 1000; i++) {
      u32 x = next(), size = 16 + x % 285, at = (x >> 9) % (SIZE - 300);
      __builtin_memcpy(to + at, from + (x >> 16) % (SIZE - 300), size);
      __builtin_memset(to + (at ^ 512) % (SIZE - 300), (int)size, size / 2);
    }
    sum += to[round % SIZE];
  }
  return sum;
}

static u32 used;
static u32 __attribute__((noinline)) insert(u32 at, u32 key) {
  if (!at) {
    nodes[++used] = (struct node){key, 0, 1, 0, 0};
    return used;
  }
  if (key < nodes[at].key) nodes[at].left = insert(nodes[at].left, key);
  else nodes[at].right = insert(nodes[at].right, key);
  nodes[at].weight++;
  return at;
}
static u64 __attribute__((noinline)) total(u32 at) { return at ? nodes[at].weight + total(nodes[at].left) + total(nodes[at].right) : 0; }

EXPORT(tree) u32 tree(u32 n) {
  u64 sum = 0;
  for (u32 round = 0; round < n; round++) {
    used = 0;
    state = 11 + round;
    u32 root = 0;
    for (u32 i = 0; i < 1500; i++) root = insert(root, next());
    sum += total(root);
  }
  return (u32)sum;
}
