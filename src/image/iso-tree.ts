/** The tree that becomes a volume: nodes with their real names, siblings in order. */
import { IsoError } from "./iso9660.ts";

/** One file of the tree. `path` has "/" between its parts; a leading one is ignored. */
export interface TreeFile {
	path: string;
	bytes: Uint8Array;
}

export interface Node {
	name: string;
	parent: Node;
	/** Undefined for a file. Sorted by name once the tree is built. */
	children?: Node[];
	/** A directory's are empty. */
	bytes: Uint8Array;
	/** First sector of a file's data. */
	extent: number;
}

/** ECMA-119, "Directory hierarchy": at most eight levels, the root being the first. */
const LEVELS = 8;
/** One extent: its length is a 32-bit field. */
const LARGEST_FILE = 0xffffffff;
/** POSIX NAME_MAX, which is what Rock Ridge readers provide for. */
const NAME_BYTES = 255;

/**
 * Builds the tree. Parents are made as needed; `directories` names further ones, which may be empty.
 * @throws IsoError for a bad path, a path that is there twice, or a tree too deep for ECMA-119
 */
export function buildTree(files: readonly TreeFile[], directories: readonly string[] = []): Node {
	const root = { name: "", children: [] as Node[], bytes: new Uint8Array(), extent: 0 } as unknown as Node;
	root.parent = root;
	for (const path of directories) directory(root, parts(path));
	for (const file of files) {
		const path = parts(file.path);
		const name = path.pop()!;
		if (file.bytes.length > LARGEST_FILE) throw new IsoError(`${file.path} has 4 GiB or more`);
		const parent = directory(root, path);
		if (parent.children!.some((child) => child.name === name))
			throw new IsoError(`${file.path} is there twice`);
		parent.children!.push({ name, parent, bytes: file.bytes, extent: 0 });
	}
	sort(root);
	return root;
}

/** Every node below `root`, a directory before what it holds. */
export function* walk(root: Node): Generator<Node> {
	for (const child of root.children ?? []) {
		yield child;
		yield* walk(child);
	}
}

export function pathOf(node: Node): string {
	return node.parent === node ? "" : `${pathOf(node.parent)}/${node.name}`;
}

function parts(path: string): string[] {
	const names = path.split("/").filter((name, index) => name !== "" || index > 0);
	if (names.length === 0) throw new IsoError("a path is empty");
	for (const name of names) {
		if (name === "" || name === "." || name === "..") throw new IsoError(`${path} is not a plain path`);
		if (new TextEncoder().encode(name).length > NAME_BYTES)
			throw new IsoError(`${path} has a name of more than ${NAME_BYTES} bytes`);
	}
	if (names.length > LEVELS) throw new IsoError(`${path} is more than ${LEVELS} levels deep`);
	return names;
}

function directory(root: Node, path: readonly string[]): Node {
	let node = root;
	for (const name of path) {
		let child = node.children!.find((candidate) => candidate.name === name);
		if (!child) {
			child = { name, parent: node, children: [], bytes: new Uint8Array(), extent: 0 };
			node.children!.push(child);
		}
		if (!child.children) throw new IsoError(`${pathOf(child)} is a file and a directory`);
		node = child;
	}
	return node;
}

function sort(node: Node): void {
	node.children?.sort((a, b) => (a.name < b.name ? -1 : 1));
	for (const child of node.children ?? []) sort(child);
}
