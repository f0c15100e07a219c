import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, normalize, relative } from "node:path";
import { expect } from "chai";

/**
 * Which folders of src/ each folder may import from, besides itself. Imports point down only: a line
 * that is not in this table does not exist.
 */
const ALLOWED: Record<string, string[]> = {
	x86: [],
	core: [],
	bus: ["core"],
	translate: ["x86", "core", "bus"],
	devices: ["bus"],
	image: [],
	machine: ["x86", "bus", "devices", "translate", "image"],
	debug: ["bus", "machine", "image", "x86"],
	script: ["x86", "bus", "machine", "image", "debug"],
	console: ["bus", "machine", "script", "debug"],
	cli: ["x86", "bus", "machine", "image", "script", "debug", "console"],
	build: ["x86", "translate", "image", "cli"],
};

/** Node may be known in these only: everything else runs in a page too. */
const KNOW_NODE = new Set(["console", "cli", "build"]);
/** The host's clock and randomness, which nothing below script/ may read. */
const HOST =
	/\b(Date\.now|new Date\(\)|performance\.now|Math\.random|setTimeout|setInterval|getRandomValues|randomUUID|randomBytes)/;
const MAY_READ_HOST = new Set(["console", "cli", "build"]);
const SOURCE = "src";

interface Import {
	file: string;
	folder: string;
	from: string;
}

function sources(folder: string): string[] {
	return readdirSync(folder).flatMap((name) => {
		const path = join(folder, name);
		if (statSync(path).isDirectory()) return sources(path);
		return name.endsWith(".ts") ? [path] : [];
	});
}

const folderOf = (file: string) => relative(SOURCE, file).split("/")[0];
const files = sources(SOURCE);
const imports: Import[] = files.flatMap((file) =>
	[
		...readFileSync(file, "utf8").matchAll(
			/(?:^|\n)\s*(?:import|export)\b[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)/g,
		),
	].map((match) => ({
		file,
		folder: folderOf(file),
		from: match[1] ?? match[2],
	})),
);

describe("layers", () => {
	it("every folder of src/ is in the table", () => {
		expect([...new Set(files.map(folderOf))].sort()).to.deep.equal(Object.keys(ALLOWED).sort());
	});

	it("imports point down only", () => {
		const wrong = imports.filter(({ file, folder, from }) => {
			if (!from.startsWith(".")) return false;
			const target = folderOf(normalize(join(file, "..", from)));
			return target !== folder && !ALLOWED[folder].includes(target);
		});
		expect(wrong.map(({ file, from }) => `${file} imports ${from}`)).to.deep.equal([]);
	});

	it("nothing below console/, cli/ and build/ knows Node", () => {
		const wrong = imports.filter(({ folder, from }) => !from.startsWith(".") && !KNOW_NODE.has(folder));
		expect(wrong.map(({ file, from }) => `${file} imports ${from}`)).to.deep.equal([]);
	});

	it("only console/ imports blessed", () => {
		const wrong = imports.filter(({ folder, from }) => from === "blessed" && folder !== "console");
		expect(wrong.map(({ file }) => file)).to.deep.equal([]);
	});

	it("nothing below console/, cli/ and build/ reads the host's clock or randomness", () => {
		const wrong = files.filter(
			(file) => !MAY_READ_HOST.has(folderOf(file)) && HOST.test(readFileSync(file, "utf8")),
		);
		expect(wrong).to.deep.equal([]);
	});

	it("a file of src/ is at most 500 lines, tables of rows exempt", () => {
		const long = files.filter(
			(file) => !file.includes("/rows/") && readFileSync(file, "utf8").split("\n").length > 501,
		);
		expect(long).to.deep.equal([]);
	});
});
