/**
 * What firmware finds in CMOS, by the conventions of the IBM AT and of QEMU (docs/specs, SeaBIOS's romfile and
 * CMOS definitions).
 *
 *   10     floppy drives             15,16  base memory, KiB        17,18 and 30,31  KiB above 1 MiB, at most 65535
 *   14     equipment                 34,35  64 KiB above 16 MiB     5b..5d  64 KiB above 4 GiB
 *   38,3d  boot order                39     disk translation        5f      processors - 1
 */

export type BootDevice = "floppy" | "disk" | "cdrom" | "network";

export interface CmosOptions {
	/** Bytes of RAM below 4 GiB. */
	memory: number;
	/** Tried in this order; at most three. */
	bootOrder: BootDevice[];
	/** Sizes in bytes of the ATA disks, by (channel * 2 + drive); undefined where there is none. */
	disks: (number | undefined)[];
}

const BOOT_CODES: Record<BootDevice, number> = { floppy: 1, disk: 2, cdrom: 3, network: 4 };
/** FPU, PS/2 mouse; EGA or VGA has no bit. */
const EQUIPMENT = 0x06;
const KIB = 1024;
const BASE_MEMORY_KIB = 640;
/** Disks that cylinders, heads and sectors reach without translation: 1024 * 16 * 63 sectors. */
const UNTRANSLATED = 1024 * 16 * 63 * 512;
const TRANSLATION_LBA = 1;

export function cmosMemory(options: CmosOptions): Map<number, number> {
	const extended = Math.min(Math.max(options.memory / KIB - 1024, 0), 0xffff);
	const above16 = Math.min(Math.max((options.memory - 16 * KIB * KIB) / (64 * KIB), 0), 0xffff);
	const order = options.bootOrder.map((device) => BOOT_CODES[device]);
	const bytes = new Map([
		[0x10, 0],
		[0x14, EQUIPMENT],
		[0x38, ((order[2] ?? 0) << 4) | 0x01],
		[0x39, translations(options.disks)],
		[0x3d, (order[0] ?? 0) | ((order[1] ?? 0) << 4)],
		[0x5f, 0],
	]);
	const word = (register: number, value: number) => {
		bytes.set(register, value & 0xff);
		bytes.set(register + 1, (value >> 8) & 0xff);
	};
	word(0x15, BASE_MEMORY_KIB);
	word(0x17, extended);
	word(0x30, extended);
	word(0x34, above16);
	return bytes;
}

/** Two bits a disk: none or LBA-assisted. */
function translations(disks: (number | undefined)[]): number {
	return disks.reduce<number>(
		(bits, size, i) => bits | (size !== undefined && size > UNTRANSLATED ? TRANSLATION_LBA << (i * 2) : 0),
		0,
	);
}
