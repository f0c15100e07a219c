// From options to a running session: opens the media, reads the ROMs, builds the PC and, for `kernel`, carries it
// to the point where the kernel takes over.

import type { ByteSink } from "../bus/device.ts";
import type { DraftPolicy } from "../bus/processor.ts";
import { GuestSymbols } from "../debug/guest-symbols.ts";
import { atHandoff, handoffDisc, MultibootError, startMultiboot } from "../machine/multiboot.ts";
import type { BlockImage, CreatePc, Machine, PcOptions } from "../machine/types.ts";
import { type Model, ModelError, parseModel } from "../x86/models.ts";
import { Channel } from "./channel.ts";
import { fileTree } from "./disc-files.ts";
import { type Host, InputError } from "./host.ts";
import { isLongModeKernel, limineDisc } from "./limine-disc.ts";
import { bytesImage, Media, nameOf, type Source } from "./media.ts";
import { Session } from "./session.ts";

export interface BootOptions {
	/** An ISO image, a kernel (Multiboot 1, or 64-bit ELF by the Limine boot protocol) or a disk image; what it is, its contents say. */
	file?: Source;
	cdrom?: Source;
	hda?: Source;
	hdb?: Source;
	hdd?: Source;
	/** A Multiboot 1 kernel, started without a boot loader. */
	kernel?: Source;
	/** The kernel's command line. */
	append?: string;
	/** The kernel's modules. */
	modules?: { file: Source; commandLine: string }[];
	/** RAM in MiB, 1 to 3072; default 128. */
	memory?: number;
	/** The processor: a model, then features with + or -: "x86-64-v3,-smap". */
	cpu?: string;
	/** Another ROM in place of Gantry's own, and the VGA's option ROM that goes with it. */
	bios?: Source;
	vgaBios?: Source;
	/** "c" the first disk, "d" the CD-ROM, in the order in which they are tried. */
	bootOrder?: string;
	/** What the guest writes to its disks goes to their files; default: it is forgotten. */
	keepWrites?: boolean;
	/** A line on COM1 or the debug console that means the guest has given up; false for none. */
	panic?: RegExp | false;
	/** A guest's reset ends the session. */
	noReboot?: boolean;
	/** Seconds of wall time for the whole session; default 300. */
	wallTimeout?: number;
	/** ELF files or kernel.sym whose symbols reports may use, besides those found on the ISO. */
	symbols?: Source[];
	/** Also get what the guest sends, byte by byte. */
	onSerial?: ByteSink;
	onSerial2?: ByteSink;
	onDebugConsole?: ByteSink;
	/** The real-time clock at power-on, seconds since 1970; default 1 January 2024, so that runs are equal. */
	time?: number;
	/** Where the processor's random numbers start. */
	seed?: number;
	/** Whether hot code is compiled to WebAssembly; a run without is the same, only slower. Default true. */
	compiler?: boolean;
	/** Entries after which a block of guest code is compiled: small to test, or where code is known to be hot. */
	hot?: number;
	/** When code that is warm, but not hot, is drafted. */
	drafts?: DraftPolicy;
}

/** What a session is made with. */
export interface Makers {
	host: Host;
	createPc: CreatePc;
}

export const DEFAULT_PANIC = /^(PANIC:|Kernel panic)/;
const KIB = 1 << 10;
const MIB = 1 << 20;
const DEFAULT_MEMORY = 128;
const LARGEST_MEMORY = 3072;
const NEW_YEAR_2024 = 1_704_067_200;
/** Guest seconds that a BIOS gets to boot the hand-off disc. */
const POST_LIMIT = 60;
const CODE = ["core.wasm", "interpreter.wasm", "decode.bin", "stencils.bin"];
const BOOT_LOADER = "boot/eltorito.bin";
const FONT = "font-8x16.bin";

/** Builds a machine and switches it on. No guest time has passed when it returns, but for a `kernel`, whose BIOS has run. */
export async function bootWith(makers: Makers, options: BootOptions): Promise<Session> {
	const media = new Media(makers.host);
	try {
		return await build(makers, sortFile(makers.host, media, options), media);
	} catch (error) {
		media.close();
		throw error;
	}
}

async function build({ host, createPc }: Makers, options: BootOptions, media: Media): Promise<Session> {
	const channels = { com1: new Channel(), com2: new Channel(), debugConsole: new Channel() };
	const disc = options.cdrom === undefined ? undefined : media.disc(options.cdrom);
	const kernel = options.kernel === undefined ? undefined : bytesOf(media, options.kernel);
	const symbols = GuestSymbols.read({
		tree: disc && fileTree(disc),
		files: [...(kernel ? [kernel] : []), ...(options.symbols ?? []).map((source) => bytesOf(media, source))],
	});
	channels.debugConsole.onLine = (line) => symbols.line(line);
	const machine = createPc({
		...hardware(host, options, media),
		cdrom: kernel ? bytesImage(handoffDisc()) : disc,
		com1: tee(channels.com1.push, options.onSerial),
		com2: tee(channels.com2.push, options.onSerial2),
		debugConsole: tee(channels.debugConsole.push, options.onDebugConsole),
	});
	if (kernel) await handOver(machine, host, kernel, options, disc, media);
	const panic = options.panic === false ? undefined : (options.panic ?? DEFAULT_PANIC);
	return new Session(
		{
			machine,
			host,
			channels,
			symbols: symbols.table,
			panic,
			openDisc: (source) => media.disc(source),
			onClose: () => media.close(),
		},
		{ wallTimeout: options.wallTimeout ?? 300, noReboot: options.noReboot ?? kernel !== undefined },
	);
}

/** Gives `file` its place by its contents. */
function sortFile(host: Host, media: Media, options: BootOptions): BootOptions {
	if (options.file === undefined) return options;
	const { kind, image } = media.detect(options.file);
	switch (kind) {
		case "iso":
			return { ...options, cdrom: image, bootOrder: options.bootOrder ?? "dc" };
		case "disk":
			return {
				...options,
				hda: options.keepWrites ? options.file : image,
				bootOrder: options.bootOrder ?? "cd",
			};
		case "kernel":
			return { ...options, kernel: typeof options.file === "string" ? options.file : image };
		case "elf":
			return { ...options, cdrom: kernelDisc(host, media, options, image) };
	}
}

/** A disc around a 64-bit kernel without a Multiboot header: it may speak the Limine boot protocol. */
function kernelDisc(host: Host, media: Media, options: BootOptions, image: BlockImage): Uint8Array {
	const kernel = image.read(0, image.size);
	if (!isLongModeKernel(kernel)) {
		throw new InputError(`${nameOf(options.file!)} is neither a Multiboot kernel nor an ELF file for x86-64`);
	}
	const modules = (options.modules ?? []).map(({ file, commandLine }) => ({
		name: commandLine.split(" ")[0].split("/").at(-1)!,
		bytes: bytesOf(media, file),
	}));
	return limineDisc({ kernel, loader: host.asset(BOOT_LOADER), commandLine: options.append, modules });
}

function hardware(host: Host, options: BootOptions, media: Media): PcOptions {
	const disk = (source: Source | undefined) =>
		source === undefined ? undefined : media.disk(source, options.keepWrites ?? false);
	const rom = (source: Source | undefined, unit: number, most: number) =>
		source === undefined ? undefined : romOf(media, source, unit, most);
	return {
		wasm: Object.fromEntries(CODE.map((name) => [name, host.asset(name)])),
		memory: memorySize(options.memory ?? DEFAULT_MEMORY),
		bios: rom(options.bios, 64 * KIB, 512 * KIB) ?? host.asset("bios.bin"),
		vgaBios: rom(options.vgaBios, 1, 64 * KIB),
		hda: disk(options.hda),
		hdb: disk(options.hdb),
		hdd: disk(options.hdd),
		bootOrder: options.kernel === undefined ? (options.bootOrder ?? "dc") : "d",
		fonts: [host.asset(FONT)],
		time: options.time ?? NEW_YEAR_2024,
		cpu: options.cpu === undefined ? undefined : processorModel(options.cpu),
		seed: options.seed ?? 1,
		compiler: options.compiler,
		hot: options.hot,
		drafts: options.drafts,
		compileLightly: (bytes) => host.compileLightly(bytes),
	};
}

function romOf(media: Media, source: Source, unit: number, most: number): Uint8Array {
	const bytes = bytesOf(media, source);
	if (bytes.length === 0 || bytes.length > most || bytes.length % unit !== 0) {
		const sizes =
			unit === 1 ? `up to ${most / KIB} KiB` : `a multiple of ${unit / KIB} KiB, up to ${most / KIB} KiB`;
		throw new InputError(`${nameOf(source)} is no such ROM: it has ${bytes.length} bytes, not ${sizes}`);
	}
	return bytes;
}

function processorModel(text: string): Model {
	try {
		return parseModel(text);
	} catch (error) {
		if (error instanceof ModelError) throw new InputError(error.message);
		throw error;
	}
}

function memorySize(mebibytes: number): number {
	if (!Number.isInteger(mebibytes) || mebibytes < 1 || mebibytes > LARGEST_MEMORY) {
		throw new InputError(`memory is to be 1 to ${LARGEST_MEMORY} MiB, not ${mebibytes}`);
	}
	return mebibytes * MIB;
}

async function handOver(
	machine: Machine,
	host: Host,
	kernel: Uint8Array,
	options: BootOptions,
	disc: BlockImage | undefined,
	media: Media,
): Promise<void> {
	const modules = (options.modules ?? []).map(({ file, commandLine }) => ({
		commandLine,
		bytes: bytesOf(media, file),
	}));
	await post(machine, host);
	if (disc) machine.cdrom.insert(disc);
	else machine.cdrom.eject();
	try {
		startMultiboot(machine, kernel, { commandLine: commandLine(options), modules });
	} catch (error) {
		if (!(error instanceof MultibootError)) throw error;
		throw new InputError(`cannot start ${nameOf(options.kernel!)}: ${error.message}`);
	}
}

/** The kernel's name and its arguments, as boot loaders have it. */
function commandLine({ kernel, append }: BootOptions): string {
	const words = [typeof kernel === "string" ? kernel : "kernel", append];
	return words.filter(Boolean).join(" ");
}

/** Runs the BIOS until it has booted the hand-off disc. */
async function post(machine: Machine, host: Host): Promise<void> {
	for (let tenth = 1; tenth <= POST_LIMIT * 10; tenth++) {
		const outcome = machine.run(tenth * 1e8);
		if (outcome.kind === "exit" && atHandoff(machine.processor.registers())) return;
		if (outcome.kind !== "limit" && outcome.kind !== "reset") break;
		await host.breathe();
	}
	throw new Error("the BIOS did not boot the disc that was to hand over to the kernel");
}

function bytesOf(media: Media, source: Source): Uint8Array {
	if (source instanceof Uint8Array) return source;
	const image = media.open(source);
	return image.read(0, image.size);
}

function tee(first: ByteSink, second: ByteSink | undefined): ByteSink {
	if (!second) return first;
	return (byte) => {
		first(byte);
		second(byte);
	};
}
