/*
 * Data that goes through: SHA-256 and AES-128 in plain C and with the instructions made for them, copies and
 * fills by string instructions, by SSE and by AVX. Everything works on the same 64 KiB.
 */
#include "vectors.h"

typedef u8 v16 __attribute__((vector_size(16)));
typedef u8 v32 __attribute__((vector_size(32)));
typedef u32 v4 __attribute__((vector_size(16)));

#define SIZE 65536

static u8 data[SIZE] __attribute__((aligned(64)));
static u8 copy[SIZE] __attribute__((aligned(64)));

static void fill_data(void)
{
	for (u32 i = 0; i < SIZE; i++)
		data[i] = i * 7 + (i >> 8);
}

static u32 sum_of(const u8 *bytes)
{
	u32 sum = 0;
	for (u32 i = 0; i < SIZE; i++)
		sum = sum * 31 + bytes[i];
	return sum;
}

/* --- SHA-256: FIPS 180-4, section 6.2 --- */

static u32 constants[64] __attribute__((aligned(16)));

/* The first 32 bits of the fractional part of a prime's root, found bit by bit: section 4.2.2. */
static u32 root_fraction(u32 prime, int power)
{
	/* The root times 2^32 has at most 36 bits; its cube 108. */
	unsigned __int128 root = 0;
	for (int bit = 35; bit >= 0; bit--) {
		const unsigned __int128 more = root | (unsigned __int128)1 << bit;
		const unsigned __int128 raised = power == 2 ? more * more : more * more * more;
		if (raised <= (unsigned __int128)prime << (32 * power))
			root = more;
	}
	return root;
}

static u32 nth_prime(int n)
{
	u32 prime = 2;
	for (;; prime++) {
		u32 divisor = 2;
		while (prime % divisor)
			divisor++;
		if (divisor == prime && n-- == 0)
			return prime;
	}
}

static void start_hash(u32 *hash)
{
	fill_data();
	for (int i = 0; i < 64; i++)
		constants[i] = root_fraction(nth_prime(i), 3);
	for (int i = 0; i < 8; i++)
		hash[i] = root_fraction(nth_prime(i), 2);
}

static inline u32 rotate(u32 x, int by) { return x >> by | x << (32 - by); }

static void hash_block(u32 *hash, const u8 *block)
{
	u32 w[64];
	for (int t = 0; t < 16; t++)
		w[t] = __builtin_bswap32(((const u32 *)block)[t]);
	for (int t = 16; t < 64; t++) {
		const u32 near = w[t - 2], far = w[t - 15];
		w[t] = (rotate(near, 17) ^ rotate(near, 19) ^ near >> 10) + w[t - 7]
			+ (rotate(far, 7) ^ rotate(far, 18) ^ far >> 3) + w[t - 16];
	}
	u32 a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
	for (int t = 0; t < 64; t++) {
		const u32 t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + w[t];
		const u32 t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
		h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
	}
	hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d;
	hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}

static u32 fold_hash(const u32 *hash)
{
	u32 sum = 0;
	for (int i = 0; i < 8; i++)
		sum = sum * 31 + hash[i];
	return sum;
}

KERNEL u32 sha256(int rounds)
{
	u32 hash[8];
	start_hash(hash);
	while (rounds--)
		for (u32 at = 0; at < SIZE; at += 64)
			hash_block(hash, data + at);
	return fold_hash(hash);
}

#define SWAPPED(x) __builtin_shufflevector(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)

/* SDM 2B, "SHA256RNDS2": the state is kept as ABEF and CDGH, A in the highest lane. */
USES("sha,sse4.1") u32 sha256_ni(int rounds)
{
	u32 hash[8];
	start_hash(hash);
	v4 abef = { hash[5], hash[4], hash[1], hash[0] }, cdgh = { hash[7], hash[6], hash[3], hash[2] };
	while (rounds--)
		for (u32 at = 0; at < SIZE; at += 64) {
			const v4 abef_before = abef, cdgh_before = cdgh;
			v4 w[16];
#pragma GCC unroll 16
			for (int i = 0; i < 16; i++) {
				if (i < 4)
					w[i] = (v4)SWAPPED(*(v16 *)(data + at + 16 * i));
				else {
					const v4 between = __builtin_shufflevector(w[i - 2], w[i - 1], 1, 2, 3, 4);
					v4 next = w[i - 4];
					__asm__("sha256msg1 %1, %0" : "+x"(next) : "x"(w[i - 3]));
					next += between;
					__asm__("sha256msg2 %1, %0" : "+x"(next) : "x"(w[i - 1]));
					w[i] = next;
				}
				v4 sum = w[i] + *(v4 *)(constants + 4 * i);
				__asm__("sha256rnds2 %2, %1, %0" : "+x"(cdgh) : "x"(abef), "Yz"(sum));
				sum = __builtin_shufflevector(sum, sum, 2, 3, 2, 3);
				__asm__("sha256rnds2 %2, %1, %0" : "+x"(abef) : "x"(cdgh), "Yz"(sum));
			}
			abef += abef_before;
			cdgh += cdgh_before;
		}
	return fold_hash((u32[]){ abef[3], abef[2], cdgh[3], cdgh[2], abef[1], abef[0], cdgh[1], cdgh[0] });
}

/* --- AES-128: FIPS 197; every block of the data is encrypted in its place --- */

#define ROUNDS 10

static u8 sbox[256];
static u32 tables[4][256];
static u32 round_keys[4 * (ROUNDS + 1)] __attribute__((aligned(16)));

static u8 times_two(u8 x) { return x << 1 ^ (x & 0x80 ? 0x1b : 0); }

/* Section 5.1.1: the inverse in GF(2^8), 3 being a generator, then an affine map. */
static void make_sbox(void)
{
	u8 power = 1, inverse = 1;
	do {
		power ^= times_two(power);
		inverse ^= inverse << 1;
		inverse ^= inverse << 2;
		inverse ^= inverse << 4;
		if (inverse & 0x80)
			inverse ^= 9;
		u8 mapped = inverse;
		for (int by = 1; by <= 4; by++)
			mapped ^= inverse << by | inverse >> (8 - by);
		sbox[power] = mapped ^ 0x63;
	} while (power != 1);
	sbox[0] = 0x63;
}

static u32 substitute(u32 word)
{
	return sbox[word & 255] | sbox[word >> 8 & 255] << 8 | sbox[word >> 16 & 255] << 16 | (u32)sbox[word >> 24] << 24;
}

/* SubBytes, ShiftRows and MixColumns of one byte as a look-up, and section 5.2's keys. */
static void start_cipher(void)
{
	fill_data();
	make_sbox();
	for (int i = 0; i < 256; i++) {
		const u8 s = sbox[i], s2 = times_two(s), s3 = s2 ^ s;
		tables[0][i] = s2 | s << 8 | s << 16 | (u32)s3 << 24;
		for (int t = 1; t < 4; t++)
			tables[t][i] = rotate(tables[0][i], 32 - 8 * t);
	}
	u8 constant = 1;
	for (int i = 0; i < 4; i++)
		round_keys[i] = 0x03020100 + i * 0x04040404;
	for (int i = 4; i < 4 * (ROUNDS + 1); i++) {
		u32 word = round_keys[i - 1];
		if (i % 4 == 0) {
			word = substitute(rotate(word, 8)) ^ constant;
			constant = times_two(constant);
		}
		round_keys[i] = round_keys[i - 4] ^ word;
	}
}

static inline u32 mixed(u32 a, u32 b, u32 c, u32 d)
{
	return tables[0][a & 255] ^ tables[1][b >> 8 & 255] ^ tables[2][c >> 16 & 255] ^ tables[3][d >> 24];
}

static inline u32 last(u32 a, u32 b, u32 c, u32 d)
{
	return sbox[a & 255] | sbox[b >> 8 & 255] << 8 | sbox[c >> 16 & 255] << 16 | (u32)sbox[d >> 24] << 24;
}

static void encrypt_block(u32 *block)
{
	const u32 *key = round_keys;
	u32 a = block[0] ^ key[0], b = block[1] ^ key[1], c = block[2] ^ key[2], d = block[3] ^ key[3];
	for (int round = 1; round < ROUNDS; round++) {
		key += 4;
		const u32 a2 = mixed(a, b, c, d) ^ key[0], b2 = mixed(b, c, d, a) ^ key[1];
		const u32 c2 = mixed(c, d, a, b) ^ key[2], d2 = mixed(d, a, b, c) ^ key[3];
		a = a2, b = b2, c = c2, d = d2;
	}
	key += 4;
	block[0] = last(a, b, c, d) ^ key[0];
	block[1] = last(b, c, d, a) ^ key[1];
	block[2] = last(c, d, a, b) ^ key[2];
	block[3] = last(d, a, b, c) ^ key[3];
}

KERNEL u32 aes(int rounds)
{
	start_cipher();
	while (rounds--)
		for (u32 at = 0; at < SIZE; at += 16)
			encrypt_block((u32 *)(data + at));
	return sum_of(data);
}

USES("aes") u32 aes_ni(int rounds)
{
	start_cipher();
	const v16 *keys = (const v16 *)round_keys;
	while (rounds--)
		for (u32 at = 0; at < SIZE; at += 16) {
			v16 block = *(v16 *)(data + at) ^ keys[0];
			for (int round = 1; round < ROUNDS; round++)
				__asm__("aesenc %1, %0" : "+x"(block) : "x"(keys[round]));
			__asm__("aesenclast %1, %0" : "+x"(block) : "x"(keys[ROUNDS]));
			*(v16 *)(data + at) = block;
		}
	return sum_of(data);
}

/* --- copies and fills, all of it at once --- */

KERNEL u32 copy_movsb(int rounds)
{
	fill_data();
	while (rounds--) {
		const u8 *from = data;
		u8 *to = copy;
		u64 bytes = SIZE;
		__asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(bytes) : : "memory");
	}
	return sum_of(copy);
}

/* The compiler is kept from turning these loops into calls of memcpy and memset. */
#define KEEP_LOOP __asm__ volatile("" : : : "memory")

#define COPY(vector, rounds)                                                               \
	do {                                                                               \
		fill_data();                                                               \
		while (rounds--)                                                           \
			for (u32 at = 0; at < SIZE; at += 4 * sizeof(vector)) {            \
				const vector *from = (const vector *)(data + at);          \
				vector *to = (vector *)(copy + at);                        \
				vector w = from[0], x = from[1], y = from[2], z = from[3]; \
				to[0] = w, to[1] = x, to[2] = y, to[3] = z;                \
				KEEP_LOOP;                                                 \
			}                                                                  \
		return sum_of(copy);                                                       \
	} while (0)

#define FILL(vector, rounds)                                                           \
	do {                                                                           \
		for (; rounds; rounds--) {                                             \
			const vector value = (vector){ 0 } + (u8)rounds;               \
			for (u32 at = 0; at < SIZE; at += 4 * sizeof(vector)) {        \
				vector *to = (vector *)(copy + at);                    \
				to[0] = value, to[1] = value, to[2] = value, to[3] = value; \
				KEEP_LOOP;                                             \
			}                                                              \
		}                                                                      \
		return sum_of(copy);                                                   \
	} while (0)

KERNEL u32 copy_sse(int rounds) { COPY(v16, rounds); }
USES("avx") u32 copy_avx(int rounds) { COPY(v32, rounds); }

KERNEL u32 fill_stosb(int rounds)
{
	for (; rounds; rounds--) {
		u8 *to = copy;
		u64 bytes = SIZE;
		__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(rounds) : "memory");
	}
	return sum_of(copy);
}

KERNEL u32 fill_sse(int rounds) { FILL(v16, rounds); }
USES("avx2") u32 fill_avx(int rounds) { FILL(v32, rounds); }

void kmain(void)
{
	enable_vectors();
	mark("start", 0);
	PHASE("sha256", sha256(400));
	/* As programs do: where the instructions are missing, the same by other means. */
	PHASE("sha256-ni", has(0, CPUID_7_EBX_SHA) ? sha256_ni(400) : sha256(400));
	PHASE("aes", aes(400));
	PHASE("aes-ni", has(CPUID_1_ECX_AES, 0) ? aes_ni(400) : aes(400));
	PHASE("copy-movsb", copy_movsb(500));
	PHASE("copy-sse", copy_sse(4000));
	PHASE_WITH(has(CPUID_1_ECX_AVX, 0), "copy-avx", copy_avx(4000));
	PHASE("fill-stosb", fill_stosb(1000));
	PHASE("fill-sse", fill_sse(10000));
	PHASE_WITH(has(CPUID_1_ECX_AVX, CPUID_7_EBX_AVX2), "fill-avx", fill_avx(10000));
	mark("end", 0);
}
