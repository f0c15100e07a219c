/**
 * El Torito 1.0: how a BIOS finds boot code on a CD.
 *
 * A boot record at sector 17 points to the boot catalog, one sector of 32-byte entries: a validation entry
 * (its words sum to zero), then the initial/default entry. "No emulation" means that the BIOS loads a
 * number of 512-byte virtual sectors to segment:0 (0 stands for 7C0h) and jumps there with the drive in DL; that
 * drive then reads 2048-byte sectors through INT 13h AH=42h.
 */
import {
	ascii,
	BOOT_RECORD_SECTOR,
	EL_TORITO,
	IsoError,
	SECTOR,
	STANDARD_IDENTIFIER,
	VD_BOOT_RECORD,
	viewOf,
} from "./iso9660.ts";

const VIRTUAL_SECTOR = 512;
const BOOTABLE = 0x88;
/** The image is loaded at 7C00h and has to end below the EBDA. */
const LARGEST_IMAGE = 0x9f000 - 0x7c00;

/** What a BIOS would load. */
export interface BootImage {
	/** Where the catalog is, in 2048-byte sectors. */
	catalog: number;
	/** Where the image is, in 2048-byte sectors. */
	sector: number;
	/** How much is loaded, in 512-byte virtual sectors. */
	sectorCount: number;
	/** 0 stands for 7C0h. */
	loadSegment: number;
	/** 0 is "no emulation". */
	media: number;
}

/** The volume descriptor that points to the catalog. */
export function bootRecord(catalogSector: number): Uint8Array {
	const bytes = new Uint8Array(SECTOR);
	bytes[0] = VD_BOOT_RECORD;
	bytes.set(ascii(STANDARD_IDENTIFIER), 1);
	bytes[6] = 1;
	bytes.set(ascii(EL_TORITO), 7);
	viewOf(bytes).setUint32(0x47, catalogSector, true);
	return bytes;
}

/**
 * The catalog of one no-emulation image that is loaded whole.
 * @throws IsoError if the image does not fit into conventional memory
 */
export function bootCatalog(imageSector: number, imageSize: number): Uint8Array {
	if (imageSize > LARGEST_IMAGE)
		throw new IsoError(
			`the boot image has ${imageSize} bytes, more than the ${LARGEST_IMAGE} that fit below 640 KiB`,
		);
	const bytes = new Uint8Array(SECTOR);
	const view = viewOf(bytes);
	bytes[0] = 1; // Header ID; platform 0 is 80x86
	bytes.set(ascii("GANTRY"), 4);
	bytes.set([0x55, 0xaa], 0x1e);
	let sum = 0;
	for (let at = 0; at < 32; at += 2) sum += view.getUint16(at, true);
	view.setUint16(0x1c, -sum & 0xffff, true);
	bytes[0x20] = BOOTABLE;
	view.setUint16(0x26, Math.ceil(imageSize / VIRTUAL_SECTOR), true);
	view.setUint32(0x28, imageSector, true);
	return bytes;
}

/** Finds the default boot image as a BIOS does; undefined if the volume has none. */
export function readBootImage(iso: Uint8Array): BootImage | undefined {
	const record = iso.subarray(BOOT_RECORD_SECTOR * SECTOR, (BOOT_RECORD_SECTOR + 1) * SECTOR);
	const identifier = String.fromCharCode(...record.subarray(7, 7 + EL_TORITO.length));
	if (record.length < SECTOR || record[0] !== VD_BOOT_RECORD || identifier !== EL_TORITO) return undefined;
	const catalog = viewOf(record).getUint32(0x47, true);
	const entries = iso.subarray(catalog * SECTOR, catalog * SECTOR + 64);
	if (entries.length < 64 || entries[0] !== 1 || entries[0x20] !== BOOTABLE) return undefined;
	const view = viewOf(entries);
	return {
		catalog,
		sector: view.getUint32(0x28, true),
		sectorCount: view.getUint16(0x26, true),
		loadSegment: view.getUint16(0x22, true),
		media: entries[0x21] & 0xf,
	};
}
