/**
 * Writes a bootable ISO 9660 volume: primary hierarchy with Rock Ridge, Joliet, El Torito.
 *
 * The same tree always gives the same bytes: times are fixed and everything is in an order that the names decide.
 *
 *   0..15   system area, zero          19      terminator
 *   16      primary descriptor         20..    path tables, directories, Rock Ridge continuations
 *   17      El Torito boot record      ..      boot catalog, boot image, files in path order
 *   18      Joliet descriptor
 *
 * (Without a boot image the Joliet descriptor and the terminator are at 17 and 18.)
 *
 * Not written: files of 4 GiB and more (multi-extent), symbolic links, per-file times and modes.
 */
import { bootCatalog, bootRecord } from "./el-torito.ts";
import { Hierarchy } from "./iso-hierarchy.ts";
import { jolietNaming, primaryNaming } from "./iso-names.ts";
import { buildTree, type Node, type TreeFile, walk } from "./iso-tree.ts";
import {
	ascii,
	both16,
	both32,
	FIRST_DESCRIPTOR,
	JOLIET_ESCAPE,
	SECTOR,
	STANDARD_IDENTIFIER,
	sectors,
	ucs2,
	VD,
	VD_PRIMARY,
	VD_SUPPLEMENTARY,
	VD_TERMINATOR,
	viewOf,
} from "./iso9660.ts";

export type { TreeFile } from "./iso-tree.ts";

/** Where a volume with a boot image shows its catalog and image as files, so that tools can name them. */
export const CATALOG_PATH = "boot/boot.cat";
export const IMAGE_PATH = "boot/eltorito.bin";

export interface IsoOptions {
	/** Directories beyond those that files need: empty ones. */
	directories?: readonly string[];
	/** El Torito no-emulation boot image; loaded whole at 7C00h. */
	bootImage?: Uint8Array;
	/** Volume identifier, at most 16 characters; A-Z 0-9 _ are portable. Default "GANTRY". */
	volume?: string;
}

/** 1 January 2024, 00:00:00.00 GMT, ECMA-119 "Date and Time Format" of a volume descriptor. */
const CREATED = "2024010100000000\0";
const NEVER = "0000000000000000\0";

/**
 * Writes the volume.
 * @param files in any order
 * @throws IsoError for a tree that the format cannot hold
 */
export function writeIso(files: readonly TreeFile[], options: IsoOptions = {}): Uint8Array {
	const { bootImage, volume = "GANTRY" } = options;
	const boot = bootImage ? bootFiles(bootImage) : [];
	const root = buildTree([...files, ...boot], options.directories);
	const primary = new Hierarchy(root, primaryNaming, true);
	const joliet = new Hierarchy(root, jolietNaming, false);

	const descriptors = FIRST_DESCRIPTOR + (bootImage ? 4 : 3);
	let end = placeHierarchies([primary, joliet], descriptors);
	const [catalog, image] = boot.map(({ path }) => find(root, path));
	for (const node of new Set([catalog, image, ...walk(root)]))
		if (node && !node.children) end = place(node, end);
	if (bootImage) catalog.bytes = bootCatalog(image.extent, bootImage.length);

	const iso = new Uint8Array(end * SECTOR);
	const list = [descriptor(VD_PRIMARY, primary, volume, end)];
	if (bootImage) list.push(bootRecord(catalog.extent));
	list.push(descriptor(VD_SUPPLEMENTARY, joliet, volume, end), terminator());
	for (const [index, bytes] of list.entries()) iso.set(bytes, (FIRST_DESCRIPTOR + index) * SECTOR);
	primary.record(iso);
	joliet.record(iso);
	for (const node of walk(root)) iso.set(node.bytes, node.extent * SECTOR);
	return iso;
}

/** The catalog's size is known before its contents: it needs the image's place. */
function bootFiles(bootImage: Uint8Array): TreeFile[] {
	return [
		{ path: CATALOG_PATH, bytes: new Uint8Array(SECTOR) },
		{ path: IMAGE_PATH, bytes: bootImage },
	];
}

function find(root: Node, path: string): Node {
	return path.split("/").reduce((node, name) => node.children!.find((child) => child.name === name)!, root);
}

function place(node: Node, sector: number): number {
	if (node.bytes.length) node.extent = sector;
	return sector + sectors(node.bytes.length);
}

function placeHierarchies(hierarchies: readonly Hierarchy[], start: number): number {
	let at = start;
	const take = (count: number) => (at += count) - count;
	for (const hierarchy of hierarchies) {
		hierarchy.pathTableL = take(sectors(hierarchy.pathTableSize));
		hierarchy.pathTableM = take(sectors(hierarchy.pathTableSize));
	}
	for (const hierarchy of hierarchies) {
		for (const directory of hierarchy.directories) directory.extent = take(sectors(directory.size));
		hierarchy.continuationExtent = take(hierarchy.continuationSectors);
	}
	return at;
}

/** ECMA-119 "Primary Volume Descriptor"; Joliet's has the same fields, its text in UCS-2. */
function descriptor(type: number, hierarchy: Hierarchy, volume: string, size: number): Uint8Array {
	const bytes = new Uint8Array(SECTOR);
	const view = viewOf(bytes);
	const joliet = type === VD_SUPPLEMENTARY;
	bytes[VD.type] = type;
	bytes.set(ascii(STANDARD_IDENTIFIER), VD.standardIdentifier);
	bytes[VD.version] = 1;
	texts(bytes, joliet, volume);
	both32(bytes, VD.volumeSpaceSize, size);
	if (joliet) bytes.set(ascii(JOLIET_ESCAPE), VD.escapeSequences);
	both16(bytes, VD.volumeSetSize, 1);
	both16(bytes, VD.volumeSequence, 1);
	both16(bytes, VD.blockSize, SECTOR);
	both32(bytes, VD.pathTableSize, hierarchy.pathTableSize);
	view.setUint32(VD.pathTableL, hierarchy.pathTableL, true);
	view.setUint32(VD.pathTableM, hierarchy.pathTableM, false);
	bytes.set(hierarchy.rootRecord(), VD.rootRecord);
	for (const at of [VD.created, VD.modified]) bytes.set(ascii(CREATED), at);
	for (const at of [VD.expires, VD.effective]) bytes.set(ascii(NEVER), at);
	bytes[VD.fileStructureVersion] = 1;
	return bytes;
}

/** Every text field, padded with spaces as the character set writes them. */
function texts(bytes: Uint8Array, joliet: boolean, volume: string): void {
	const fields: [number, number, string][] = [
		[VD.systemIdentifier, 32, ""],
		[VD.volumeIdentifier, 32, volume.slice(0, 16)],
		[VD.volumeSetIdentifier, 128, ""],
		[VD.publisherIdentifier, 128, ""],
		[VD.preparerIdentifier, 128, ""],
		[VD.applicationIdentifier, 128, "GANTRY"],
		[VD.copyrightFile, 37, ""],
		[VD.abstractFile, 37, ""],
		[VD.bibliographicFile, 37, ""],
	];
	for (const [at, length, value] of fields) {
		const padded = value.padEnd(joliet ? length >> 1 : length);
		bytes.set(joliet ? ucs2(padded) : ascii(padded), at);
	}
}

function terminator(): Uint8Array {
	const bytes = new Uint8Array(SECTOR);
	bytes[VD.type] = VD_TERMINATOR;
	bytes.set(ascii(STANDARD_IDENTIFIER), VD.standardIdentifier);
	bytes[VD.version] = 1;
	return bytes;
}
