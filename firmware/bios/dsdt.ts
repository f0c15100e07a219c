/**
 * The DSDT: what an operating system cannot find out about the board by itself. The PCI host bridge with
 * its windows and how its interrupt pins are wired, the ISA devices, and how to power off.
 *
 *   npx tsx firmware/bios/dsdt.ts OUT.c      `dsdt_aml` and `dsdt_aml_bytes`
 *
 * Interrupts are named by number, not by link devices: POST has set the PIIX's router (pci.c), and it stays so.
 */
import { writeFileSync } from "node:fs";
import {
	type Aml,
	busNumbers,
	device,
	eisaId,
	integer,
	io,
	ioRange,
	irq,
	little,
	memoryRange,
	name,
	pack,
	resources,
	scope,
} from "./aml.ts";

/** As pci.c's `pirq_to_irq`. */
const PIRQ_TO_IRQ = [10, 10, 11, 11];
const SLOTS = 32;
const PINS = 4;

/** _PRT: device << 16 | all functions, pin from 0, no link device, the interrupt. */
function routing(): Aml {
	const entries: Aml[] = [];
	for (let slot = 1; slot < SLOTS; slot++)
		for (let pin = 0; pin < PINS; pin++) {
			const line = PIRQ_TO_IRQ[(slot - 1 + pin) % 4];
			entries.push(pack(integer(slot * 0x10000 + 0xffff), integer(pin), integer(0), integer(line)));
		}
	return pack(...entries);
}

function isaDevice(label: string, id: string, ...descriptors: Aml[]): Aml {
	return device(label, name("_HID", eisaId(id)), name("_CRS", resources(...descriptors)));
}

function serial(label: string, uid: number, port: number, line: number): Aml {
	const body = [name("_HID", eisaId("PNP0501")), name("_UID", integer(uid))];
	return device(label, ...body, name("_CRS", resources(io(port, 8), irq(line))));
}

function isaBridge(): Aml {
	return device(
		"ISA",
		name("_ADR", integer(0x10000)),
		isaDevice("RTC", "PNP0B00", io(0x70, 8), irq(8)),
		isaDevice("KBD", "PNP0303", io(0x60, 1), io(0x64, 1), irq(1)),
		isaDevice("MOU", "PNP0F13", irq(12)),
		serial("COM1", 1, 0x3f8, 4),
		serial("COM2", 2, 0x2f8, 3),
	);
}

function hostBridge(): Aml {
	return device(
		"PCI0",
		name("_HID", eisaId("PNP0A03")),
		name("_UID", integer(0)),
		name(
			"_CRS",
			resources(
				busNumbers({ first: 0, last: 0xff }),
				io(0xcf8, 8),
				ioRange({ first: 0x0000, last: 0x0cf7 }),
				ioRange({ first: 0x0d00, last: 0xffff }),
				memoryRange({ first: 0x000a0000, last: 0x000bffff }, true),
				memoryRange({ first: 0xe0000000, last: 0xfebfffff }, false),
			),
		),
		name("_PRT", routing()),
		isaBridge(),
	);
}

/** SLP_TYP 0 is soft-off on the PIIX4 as QEMU and Gantry have it. */
function softOff(): Aml {
	return name("\\_S5", pack(integer(0), integer(0), integer(0), integer(0)));
}

function text(value: string, length: number): Aml {
	return [...value.padEnd(length, " ")].map((c) => c.charCodeAt(0));
}

/** The table with its header; the checksum makes all bytes sum to zero. */
export function dsdt(): Uint8Array {
	const body = [scope("\\_SB", hostBridge()), softOff()].flat();
	const length = 36 + body.length;
	const ids = [
		...text("GANTRY", 6),
		...text("GANTRYPC", 8),
		...little(1, 4),
		...text("GTRY", 4),
		...little(1, 4),
	];
	const table = Uint8Array.from([...text("DSDT", 4), ...little(length, 4), 1, 0, ...ids, ...body]);
	table[9] = -table.reduce((sum, byte) => sum + byte, 0);
	return table;
}

function toC(table: Uint8Array): string {
	const rows: string[] = [];
	for (let at = 0; at < table.length; at += 16)
		rows.push(
			`\t${[...table.subarray(at, at + 16)].map((b) => `0x${b.toString(16).padStart(2, "0")},`).join(" ")}`,
		);
	return [
		"/* Written by firmware/bios/dsdt.ts. */",
		`const unsigned char dsdt_aml[${table.length}] = {`,
		...rows,
		"};",
		`const unsigned short dsdt_aml_bytes = ${table.length};`,
		"",
	].join("\n");
}

const [, script, output] = process.argv;
if (script?.endsWith("dsdt.ts") && output) writeFileSync(output, toC(dsdt()));
