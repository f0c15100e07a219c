import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import {
	EXECUTABLE_AND_MODULES,
	FRAMEBUFFER,
	HHDM,
	iso,
	kernel,
	PAGE,
	RECLAIMABLE,
	RESERVED,
	type Report,
	report,
	text,
	USABLE,
} from "./limine-kernel.ts";
import { folder, make, run } from "./qemu.ts";

describe("boot loader under QEMU with SeaBIOS", () => {
	before(() => {
		make("firmware/boot");
		make("test/guest/limine");
	});

	describe("starts a kernel of base revision 3", () => {
		let told: Report;
		const readme = text("for nobody\n");
		before(async () => {
			const extra = [
				{ path: "boot/boot.conf", bytes: text("# options\ncmdline=root=cd verbose=1\r\n") },
				{ path: "boot/a readme.txt", bytes: readme },
				{ path: "system/other.txt", bytes: text("not in /boot") },
			];
			told = await report(iso(kernel("revision3"), extra));
		});

		it("in the machine state that the protocol prescribes", () => {
			expect(told.numbers("registers")).to.deep.equal(new Array(15).fill(0n));
			const [rsp, returnAddress, rflags, cr0, , cr4, efer, pat, ...selectors] = told.numbers("state");
			expect(rsp & 15n).to.equal(8n);
			expect(rsp > HHDM).to.equal(true);
			expect(returnAddress).to.equal(0n);
			expect(rflags & 0x20600n, "VM, DF, IF").to.equal(0n);
			expect(cr0 & 0x80010001n, "PG, WP, PE").to.equal(0x80010001n);
			expect(cr4 & 0x1020n, "LA57, PAE").to.equal(0x20n);
			expect(efer & 0xd00n, "NXE, LMA, LME").to.equal(0xd00n);
			expect(pat & 0xffffffffffffn).to.equal(0x010500070406n);
			expect(selectors).to.deep.equal([0x28n, 0x30n, 0x30n, 0x30n, 0x30n, 0x30n]);
			expect(told.numbers("pic masks")).to.deep.equal([0xffn, 0xffn]);
		});

		it("with the seven descriptors of the protocol, in the direct map", () => {
			expect(told.number("gdt limit")).to.equal(7n * 8n - 1n);
			expect(told.number("gdt base") > HHDM).to.equal(true);
			const accessed = told.numbers("gdt").map((descriptor) => descriptor | (descriptor && 1n << 40n));
			expect(accessed.map((descriptor) => descriptor.toString(16))).to.deep.equal([
				"0",
				"9b000000ffff",
				"93000000ffff",
				"cf9b000000ffff",
				"cf93000000ffff",
				"af9b000000ffff",
				"cf93000000ffff",
			]);
		});

		it("at the entry point that it asks for, on a stack of the size that it asks for", () => {
			expect(told.number("entry point answered")).to.equal(1n);
			expect(told.number("stack size answered")).to.equal(1n);
			const top = told.numbers("state")[0] + 8n - HHDM;
			const around = told.memory.find(({ base, length }) => base < top && top <= base + length)!;
			expect(around.type).to.equal(RECLAIMABLE);
			expect(top - around.base >= 0x40000n).to.equal(true);
		});

		it("and says that it honours the base revision", () => {
			expect(told.numbers("base revision")).to.deep.equal([3n, 0n]);
		});

		it("and honours the request delimiters", () => {
			expect(told.number("outside answered")).to.equal(0n);
		});

		it("and answers the small requests", () => {
			expect(told.text("bootloader")).to.equal("Gantry boot");
			expect(told.text("version")).to.match(/^\d+\.\d+/);
			expect(told.text("cmdline")).to.equal("root=cd verbose=1");
			expect(told.numbers("hhdm")[1]).to.equal(HHDM);
			expect(told.number("firmware type")).to.equal(0n);
			expect(told.number("paging mode")).to.equal(0n);
			expect(told.number("mp answered")).to.equal(0n);
		});

		it("and leaves RSDP and SMBIOS addresses physical", () => {
			for (const address of [told.number("rsdp"), told.number("smbios")]) {
				expect(address >= 0xe0000n && address < 0x100000n, address.toString(16)).to.equal(true);
			}
		});

		it("and hands it its own file, and the rest of /boot as modules, those first that it names", () => {
			const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0).toString(16);
			const file = (bytes: Uint8Array) => `${bytes.length.toString(16)} ${sum(bytes)} 1`;
			expect(told.text("file").replace(/ffff8000[0-9a-f]+000 /, "")).to.equal(
				`/boot/kernel.elf |root=cd verbose=1| ${file(kernel("revision3"))}`,
			);
			expect(told.all("module").map((line) => line.replace(/ffff8000[0-9a-f]+000 /, ""))).to.deep.equal([
				`/boot/kernel.sym |symbols of the kernel| ${file(text("ffffffff80000000 T main\n"))}`,
				`/boot/a readme.txt || ${file(readme)}`,
			]);
		});

		it("and gives a memory map that is sorted, with whole usable pages that overlap nothing", () => {
			const { memory } = told;
			const ends = memory.map(({ base, length }) => base + length);
			expect(memory.map(({ base }) => base)).to.deep.equal(
				memory.map(({ base }) => base).sort((a, b) => (a < b ? -1 : 1)),
			);
			for (const [i, { base, length, type }] of memory.entries()) {
				if (type !== USABLE && type !== RECLAIMABLE) continue;
				expect([base % PAGE, length % PAGE]).to.deep.equal([0n, 0n]);
				expect(base >= PAGE, "the first page").to.equal(true);
				if (i) expect(ends[i - 1] <= base).to.equal(true);
				if (i + 1 < memory.length) expect(ends[i] <= memory[i + 1].base).to.equal(true);
			}
			const usable = memory
				.filter(({ type }) => type === USABLE)
				.reduce((sum, { length }) => sum + length, 0n);
			expect(usable > 250n << 20n && usable < 256n << 20n, `${usable} bytes`).to.equal(true);
		});

		it("and marks where kernel, files and framebuffer are", () => {
			const typeAt = (address: bigint) =>
				told.memory.find(({ base, length }) => base <= address && address < base + length)?.type;
			expect(typeAt(told.numbers("address")[0])).to.equal(EXECUTABLE_AND_MODULES);
			const [, , , fileAddress] = told.text("file").match(/(.*)\|(.*)\| (\w+)/)!;
			expect(typeAt(BigInt(`0x${fileAddress}`) - HHDM)).to.equal(EXECUTABLE_AND_MODULES);
			expect(typeAt(told.numbers("framebuffer")[0] - HHDM)).to.equal(FRAMEBUFFER);
			expect(typeAt(0n)).to.equal(RESERVED);
		});

		it("and maps the kernel with its segments' permissions", () => {
			const [physical, virtual] = told.numbers("address");
			expect(virtual).to.equal(0xffffffff80000000n);
			const flags = (entry: bigint) => [(entry & 2n) !== 0n, entry >> 63n === 0n];
			expect(told.number("text") & 0xffffffffff000n).to.equal(physical);
			expect(flags(told.number("text")), "text: writable, executable").to.deep.equal([false, true]);
			expect(flags(told.number("rodata"))).to.deep.equal([false, false]);
			expect(flags(told.number("data"))).to.deep.equal([true, false]);
		});

		it("and maps nothing else than the direct map of memory", () => {
			for (const name of ["identity 0", "identity 1000", "identity 200000", "direct 0", "direct fee00000"]) {
				expect(told.number(name), name).to.equal(0n);
			}
			expect(told.number("direct 1000") & 3n).to.equal(3n);
		});

		it("in 1024x768x32, write-combining", () => {
			const [, width, height, pitch, format, , , , modes] = told.numbers("framebuffer");
			expect([width, height, pitch]).to.deep.equal([1024n, 768n, 4096n]);
			expect(format, "bpp, RGB, sizes and shifts").to.equal(0x0808081008010020n);
			expect(told.all("mode")).to.have.length(Number(modes));
			expect(told.all("mode").map((line) => line.trim())).to.include("a00 280 1e0 808081008010020 0");
			// SDM 3A, "Paging and Memory Typing": PAT entry 5 is PAT and PWT without PCD; PAT is bit 12 of a 2 MiB
			// page.
			expect(told.number("direct framebuffer") & 0x109bn).to.equal(0x108bn);
		});
	});

	it("gives an untagged kernel base revision 0: identity map, virtual RSDP, requests of its list alone", async () => {
		const told = await report(iso(kernel("untagged")));
		expect(told.number("identity 0")).to.equal(0n);
		expect(told.number("identity 1000") & 0xffffffffff003n).to.equal(0x1003n);
		expect(told.number("identity 200000") & 3n).to.equal(3n);
		expect(told.number("direct fee00000") & 3n).to.equal(3n);
		expect(told.number("rsdp") > HHDM).to.equal(true);
		expect(told.number("cmdline answered")).to.equal(0n);
	});

	for (const revision of [0n, 1n, 2n]) {
		it(`gives base revision ${revision} four gigabytes of direct map`, async () => {
			const told = await report(iso(kernel(`revision${revision}`)));
			expect(told.numbers("base revision")).to.deep.equal([revision, 0n]);
			expect(told.number("direct fee00000") & 3n).to.equal(3n);
			expect(told.number("identity 1000") !== 0n).to.equal(revision === 0n);
			expect(told.number("cmdline answered")).to.equal(1n);
		});
	}

	it("starts a kernel of a newer base revision as one of 3, and does not say that it honours it", async () => {
		const told = await report(iso(kernel("revision9")));
		expect(told.numbers("base revision")).to.deep.equal([3n, 9n]);
	});

	it("slides and relocates a position-independent kernel", async () => {
		const told = await report(iso(kernel("pie")));
		expect(told.numbers("address")[1]).to.equal(0xffffffff80000000n);
	});

	it("maps memory above 4 GiB, and takes none of it", async () => {
		const told = await report(iso(kernel("revision3")), { memory: 4096 });
		expect(told.memory).to.deep.include({ base: 1n << 32n, length: 1n << 30n, type: USABLE });
	});

	for (const date of [
		"2024-02-29T23:59:58",
		"2000-03-01T00:00:00",
		"1999-12-31T12:30:00",
		"2100-01-01T06:07:08",
	]) {
		it(`tells that it is ${date}`, async () => {
			const told = await report(iso(kernel("revision3")), { args: ["-rtc", `base=${date},clock=vm`] });
			const since = Number(told.number("boot time")) - Date.parse(`${date}Z`) / 1000;
			expect(since, "seconds since power-on").to.be.within(0, 5);
		});
	}

	it("takes the resolution of boot.conf", async () => {
		const extra = [{ path: "boot/boot.conf", bytes: text("resolution=800x600") }];
		const told = await report(iso(kernel("revision3"), extra));
		expect(told.numbers("framebuffer").slice(1, 3)).to.deep.equal([800n, 600n]);
	});

	it("takes 24 bits a pixel where 32 are not to be had", async () => {
		const told = await report(iso(kernel("revision3")), { args: ["-vga", "cirrus"] });
		const [, width, height, , format] = told.numbers("framebuffer");
		expect([width, height, format & 0xffffn]).to.deep.equal([1024n, 768n, 24n]);
	});

	it("leaves the framebuffer out on a machine without VGA", async () => {
		const told = await report(iso(kernel("revision3")), { args: ["-vga", "none"] });
		expect(told.number("framebuffer answered")).to.equal(0n);
	});

	it("does without NX and PAT", async () => {
		const told = await report(iso(kernel("revision3")), { args: ["-cpu", "qemu64,-nx,-pat"] });
		expect(told.numbers("state")[6] & 0x800n, "EFER.NXE").to.equal(0n);
		expect(told.number("data") >> 63n).to.equal(0n);
	});

	it("works with our own ROM too", async () => {
		make("firmware/bios");
		const told = await report(iso(kernel("revision3")), { args: ["-bios", "build/bios.bin"] });
		expect(told.numbers("framebuffer").slice(1, 4)).to.deep.equal([1024n, 768n, 4096n]);
		expect(told.all("module")).to.have.length(1);
	});

	it("reads CDs without Rock Ridge, under lower-case primary names", async () => {
		const work = folder();
		const image = join(work.path, "plain.iso");
		const loader = readFileSync("build/boot/eltorito.bin");
		mkdirSync(join(work.path, "tree/boot"), { recursive: true });
		writeFileSync(join(work.path, "tree/eltorito.bin"), loader);
		writeFileSync(join(work.path, "tree/boot/kernel.elf"), kernel("revision3"));
		writeFileSync(join(work.path, "tree/boot/kernel.sym"), "symbols");
		const boot = [
			"-b",
			"eltorito.bin",
			"-no-emul-boot",
			"-boot-load-size",
			`${Math.ceil(loader.length / 512)}`,
		];
		const made = run("xorriso", [
			"-as",
			"mkisofs",
			"--norock",
			"-iso-level",
			"2",
			...boot,
			"-o",
			image,
			join(work.path, "tree"),
		]);
		expect(made.status, made.stderr).to.equal(0);
		const told = await report(new Uint8Array(readFileSync(image)));
		expect(told.all("module")[0]).to.match(/^\/boot\/kernel\.sym /);
		work.remove();
	});
});
