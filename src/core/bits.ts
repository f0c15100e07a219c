// Bit gathering and CRC-32C: what the extensions of the general-purpose instructions compute in loops.

/** PDEP: the source's low bits, in order, to the places that the mask has. */
export function depositBits(cpu: usize, record: usize, source: u64, mask: u64): u64 {
	let result: u64 = 0;
	while (mask) {
		const lowest = mask & -mask;
		if (source & 1) result |= lowest;
		source >>= 1;
		mask ^= lowest;
	}
	return result;
}

/** PEXT: the source's bits at the mask's places, packed to the low end. */
export function extractBits(cpu: usize, record: usize, source: u64, mask: u64): u64 {
	let result: u64 = 0;
	let place: u64 = 1;
	while (mask) {
		const lowest = mask & -mask;
		if (source & lowest) result |= place;
		place <<= 1;
		mask ^= lowest;
	}
	return result;
}

/** The polynomial 11EDC6F41h, bits reflected (SDM 2A, "CRC32"). */
const CASTAGNOLI: u32 = 0x82f63b78;
const REMAINDERS = memory.data(1024);
let prepared: bool = false;

function prepare(): void {
	for (let byte: u32 = 0; byte < 256; byte++) {
		let rest = byte;
		for (let bit = 0; bit < 8; bit++) rest = (rest >> 1) ^ (rest & 1 ? CASTAGNOLI : 0);
		store<u32>(REMAINDERS + (byte << 2), rest);
	}
	prepared = true;
}

/** CRC32 of the low `width` bits of a value. */
export function checksum(cpu: usize, record: usize, crc: u32, value: u64, width: u32): u32 {
	if (!prepared) prepare();
	for (let bit: u32 = 0; bit < width; bit += 8) {
		crc = (crc >> 8) ^ load<u32>(REMAINDERS + (((crc ^ <u32>(value >> bit)) & 0xff) << 2));
	}
	return crc;
}
