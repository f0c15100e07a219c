// The same disc and the same typing in QEMU with SeaBIOS, in Gantry, and in Gantry with SeaBIOS as its ROM: the serial
// transcripts are equal, apart from what depends on the machine.

import { expect } from "chai";
import { bootToPrompt } from "../harness/pocket-rocket.ts";
import { QemuSession } from "../harness/qemu-session.ts";
import { ISO, PROMPT } from "../harness/rocket-sessions.ts";

const COMMANDS = [
	"help",
	"ls /",
	"ls /system/modules",
	"load example",
	"modules",
	"symbols kmalloc",
	"mem",
	"unload example",
	"modules",
	"load nonsense",
	"cat /readme.txt",
	"nonsense",
];

const SEABIOS = {
	bios: "/usr/share/seabios/bios-256k.bin",
	vgaBios: "/usr/share/seabios/vgabios-stdvga.bin",
};

/** What may differ: how much memory the firmware keeps for itself. */
function comparable(transcript: string): string {
	const fromBanner = transcript.slice(transcript.indexOf("Pocket Rocket"));
	return fromBanner.replace(/^physical: .*$/gm, "physical: (depends on the firmware)");
}

async function inQemu(): Promise<string> {
	const session = new QemuSession(["-cdrom", ISO]);
	try {
		await session.expect(PROMPT);
		for (const command of COMMANDS) {
			await session.type(`${command}\n`);
			await session.expect(`${command}\n`);
			await session.expect(PROMPT);
		}
		return session.serial.text;
	} finally {
		session.close();
	}
}

async function inGantry(roms: { bios?: string; vgaBios?: string } = {}): Promise<string> {
	const session = await bootToPrompt(roms);
	try {
		for (const command of COMMANDS) {
			await session.keyboard.type(`${command}\n`);
			await session.serial.expect(`${command}\n`);
			await session.serial.expect(PROMPT);
		}
		return session.serial.text;
	} finally {
		session.close();
	}
}

describe("Pocket Rocket's transcript", function () {
	this.timeout(300000);
	let qemu: string;
	before(async () => {
		qemu = comparable(await inQemu());
		expect(qemu).to.contain("example: loaded");
	});

	it("is the same in Gantry as in QEMU", async () => {
		expect(comparable(await inGantry())).to.equal(qemu);
	});

	it("is the same in Gantry with SeaBIOS as its ROM", async () => {
		expect(comparable(await inGantry(SEABIOS))).to.equal(qemu);
	});
});
