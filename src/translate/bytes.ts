/** Numbers that are written one behind another: a buffer that grows and is used again and again, so that nothing is left behind. */

/** How many bytes `Writer.leb` writes. */
export function lebSize(value: number): number {
	let size = 1;
	for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
	return size;
}

/** Bytes, or a body's items: whole numbers. */
type Cells = Uint8Array | Int32Array;

export class Writer<T extends Cells> {
	length = 0;

	/** @param cells what is written to until it is full */
	constructor(public cells: T) {}

	push(value: number): void {
		if (this.length === this.cells.length) this.#grow(1);
		this.cells[this.length++] = value;
	}

	append(values: ArrayLike<number>): void {
		if (this.length + values.length > this.cells.length) this.#grow(values.length);
		this.cells.set(values, this.length);
		this.length += values.length;
	}

	/** LEB128 without a sign, below 2 ** 32. */
	leb(value: number): void {
		for (; value > 127; value = Math.floor(value / 128)) this.push((value % 128) | 0x80);
		this.push(value);
	}

	#grow(more: number): void {
		const size = Math.max(this.cells.length * 2, this.length + more);
		const larger = this.cells instanceof Uint8Array ? new Uint8Array(size) : new Int32Array(size);
		larger.set(this.cells);
		this.cells = larger as T;
	}
}
