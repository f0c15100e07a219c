/** AES, carry-less multiplication, SHA: computed in core/aes.ts and core/crypto.ts. */
import type { Row } from "../row.ts";
import { computed } from "../semantics/packed.ts";
import { feature } from "./vector-notation.ts";

const aes = { cold: true, feature: "AES", vex: "AES 128" } as const;
const pclmulqdq = { cold: true, feature: "PCLMULQDQ", vex: "PCLMULQDQ 128" } as const;
const sha = feature("SHA").plain();

export const cryptoRows: Row[] = [
	["66 0F 38 DB /r",      "AESIMC Vx, Wx",              "w r",     computed("aesInverseMix"), aes],
	["66 0F 38 DC /r",      "AESENC Vx, Hx, Wx",          "w r r",   computed("aesEncrypt"), aes],
	["66 0F 38 DD /r",      "AESENCLAST Vx, Hx, Wx",      "w r r",   computed("aesEncryptLast"), aes],
	["66 0F 38 DE /r",      "AESDEC Vx, Hx, Wx",          "w r r",   computed("aesDecrypt"), aes],
	["66 0F 38 DF /r",      "AESDECLAST Vx, Hx, Wx",      "w r r",   computed("aesDecryptLast"), aes],
	["66 0F 3A DF /r ib",   "AESKEYGENASSIST Vx, Wx, Ib", "w r r",   computed("aesKeyAssist"), aes],
	["66 0F 3A 44 /r ib",   "PCLMULQDQ Vx, Hx, Wx, Ib",   "w r r r", computed("carrylessMultiply"), pclmulqdq],
	["NP 0F 38 C8 /r",      "SHA1NEXTE Vx, Wx",           "rw r",    computed("sha1NextE"), sha],
	["NP 0F 38 C9 /r",      "SHA1MSG1 Vx, Wx",            "rw r",    computed("sha1Message1"), sha],
	["NP 0F 38 CA /r",      "SHA1MSG2 Vx, Wx",            "rw r",    computed("sha1Message2"), sha],
	["NP 0F 3A CC /r ib",   "SHA1RNDS4 Vx, Wx, Ib",       "rw r r",  computed("sha1Rounds"), sha],
	["NP 0F 38 CB /r",      "SHA256RNDS2 Vx, Wx, XMM0",   "rw r r",  computed("sha256Rounds"), sha],
	["NP 0F 38 CC /r",      "SHA256MSG1 Vx, Wx",          "rw r",    computed("sha256Message1"), sha],
	["NP 0F 38 CD /r",      "SHA256MSG2 Vx, Wx",          "rw r",    computed("sha256Message2"), sha],
];
