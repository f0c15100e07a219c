/** What Gantry is to reach, against its peers; read from the best of each runner's rounds. */
import { type Line, type Results, speeds } from "./results.ts";

interface Aim {
	text: string;
	group: string;
	/** The labels that it is about; default: all. */
	labels?: RegExp;
	against: string;
	/** Whether it holds for the geometric mean or for every line. */
	of: "mean" | "lowest";
	least: number;
}

const FLOAT = { group: "floating point", against: "qemu", of: "lowest" } as const;

const AIMS: Aim[] = [
	...["64-bit", "32-bit"].flatMap((group): Aim[] => [
		{ text: `${group}, geometric mean`, group, against: "qemu", of: "mean", least: 1.5 },
		{ text: `${group}, every phase`, group, against: "qemu", of: "lowest", least: 1 },
	]),
	{ text: "32-bit, geometric mean", group: "32-bit", against: "v86", of: "mean", least: 4 },
	{ text: "cold code, both programs", group: "cold code", against: "qemu", of: "lowest", least: 0.5 },
	// The host computes Gantry's doubles; of the x87 both emulators work out every bit.
	{ ...FLOAT, text: "floating point, every phase in double", labels: /^(?!.*x87)/, least: 3 },
	{ ...FLOAT, text: "floating point, every phase on the x87", labels: /x87/, least: 1 },
	{ text: "streams, every phase", group: "streams", against: "qemu", of: "lowest", least: 1 },
	{ text: "power-on to prompt", group: "power-on", against: "qemu", of: "lowest", least: 1 },
];

/** A line for each aim that was measured. */
export function aimLines({ lines, runners }: Pick<Results, "lines" | "runners">): string[] {
	return AIMS.flatMap((aim) => {
		const found = speeds(lines.filter(belongs(aim)), "compiler", aim.against);
		if (!found) return [];
		const value = found[aim.of];
		const where = aim.of === "lowest" ? ` (${found.at.label})` : "";
		const verdict = value >= aim.least ? "met" : "not met";
		const peer = runners[aim.against].name;
		return [
			`${aim.text}: ${value.toFixed(2)} times ${peer}'s speed${where}; at least ${aim.least}: ${verdict}`,
		];
	});
}

const belongs =
	({ group, labels }: Aim) =>
	({ group: of, label }: Line) =>
		of === group && (labels?.test(label) ?? true);
