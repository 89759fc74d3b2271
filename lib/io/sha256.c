/* SPDX-License-Identifier: Apache-2.0 */
/* sha256.c - SHA-256 as in FIPS 180-4, sections 4.1.2, 5 and 6.2; the letters are those of the standard. */
#include "io/sha256.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 64, LENGTH_AT = 56 };

/* First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
                               0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
                               0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
                               0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
                               0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
                               0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
                               0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
                               0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
                               0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
                               0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
                               0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void schedule(uint32_t W[64], const unsigned char *block)
{
  for (int t = 0; t < 16; t++)
    W[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
           (uint32_t)block[4 * t + 3];
  for (int t = 16; t < 64; t++) {
    const uint32_t a = W[t - 15], b = W[t - 2];
    W[t] = W[t - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + W[t - 7] + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
  }
}

static void compress(uint32_t H[8], const unsigned char *block)
{
  uint32_t W[64], a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
  schedule(W, block);
  for (int t = 0; t < 64; t++) {
    const uint32_t ch = (e & f) ^ (~e & g), maj = (a & b) ^ (a & c) ^ (b & c);
    const uint32_t T1 = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ch + K[t] + W[t];
    const uint32_t T2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + maj;
    h = g, g = f, f = e, e = d + T1;
    d = c, c = b, b = a, a = T1 + T2;
  }
  const uint32_t v[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; i++) H[i] += v[i];
}

/* What is left after whole blocks, a bit of 1, zeros, and the length in bits. */
static void finish(uint32_t H[8], const unsigned char *rest, size_t n_rest, size_t n_bytes)
{
  unsigned char last[2 * BLOCK] = {0};
  const size_t n = n_rest < LENGTH_AT ? BLOCK : 2 * BLOCK;
  const uint64_t bits = (uint64_t)n_bytes * 8;
  if (n_rest) memcpy(last, rest, n_rest);
  last[n_rest] = 0x80;
  for (size_t i = 0; i < 8; i++) last[n - 1 - i] = (unsigned char)(bits >> (8 * i));
  for (size_t at = 0; at < n; at += BLOCK) compress(H, last + at);
}

const char *taup_sha256(char text[/* TAUP_SHA256_TEXT */], const void *bytes, size_t n_bytes)
{
  uint32_t H[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const unsigned char *at = bytes;
  size_t left = n_bytes;
  for (; left >= BLOCK; left -= BLOCK, at += BLOCK) compress(H, at);
  finish(H, at, left, n_bytes);
  for (size_t i = 0; i < 8; i++) snprintf(text + 8 * i, 9, "%08lx", (unsigned long)H[i]);
  return text;
}
