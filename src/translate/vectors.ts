/** Vectors over WebAssembly's v128: operations of x86/vector.ts to instructions of simd.ts. */
import type { Value } from "../x86/builder.ts";
import type {
	Bytes,
	Floats,
	Vector,
	VectorBinary,
	VectorShift,
	VectorTest,
	VectorUnary,
} from "../x86/vector.ts";
import type { SimdName } from "./simd.ts";
import { WasmValue } from "./values.ts";
import type { Body, Module, Temp } from "./wasm.ts";

const ZERO: Bytes = new Array<number>(16).fill(0);
/** In a control: the byte is zero. */
const NOTHING = 255;
const WIDTHS = { i8x16: 8, i16x8: 16, i32x4: 32, i64x2: 64 } as const;
export type IntegerShape = keyof typeof WIDTHS;

export class WasmVector implements Vector {
	/** The same for vectors that are known to be equal. */
	identity: object = this;

	constructor(
		readonly body: Body,
		private readonly source: Temp | Bytes,
	) {}

	get known(): Bytes | undefined {
		return "uses" in this.source ? undefined : this.source;
	}

	/** Puts it on the WebAssembly stack. */
	emit(): void {
		if ("uses" in this.source) this.body.get(this.source);
		else this.body.simd("v128.const", this.source);
	}

	/** Takes what is on the stack. */
	static pop(body: Body): WasmVector {
		return new WasmVector(body, body.set("v128"));
	}

	static splat(body: Body, shape: IntegerShape, value: Value): WasmVector {
		(value as WasmValue).emit();
		body.simd(`${shape}.splat`);
		return WasmVector.pop(body);
	}

	#emitted(name: SimdName, immediates?: readonly number[]): WasmVector {
		this.body.simd(name, immediates);
		return WasmVector.pop(this.body);
	}

	unary(operation: VectorUnary): Vector {
		this.emit();
		return this.#emitted(operation);
	}

	binary(operation: VectorBinary, other: Vector): Vector {
		this.emit();
		(other as WasmVector).emit();
		return this.#emitted(operation);
	}

	shift(operation: VectorShift, count: Value | number): Vector {
		this.emit();
		if (typeof count === "number") this.body.constant("i32", count);
		else (count.zext(32) as WasmValue).emit();
		return this.#emitted(operation);
	}

	test(operation: VectorTest): Value {
		this.emit();
		this.body.simd(operation);
		return WasmValue.pop(this.body, 32);
	}

	/** The lowest quadword as a double's bits: engines have a shorter instruction for it. */
	lane(shape: IntegerShape, index: number): Value {
		if (shape === "i64x2" && index === 0) {
			this.#lowest("f64x2");
			this.body.op("i64.reinterpret_f64");
			return WasmValue.pop(this.body, 64);
		}
		this.emit();
		const narrow = shape === "i8x16" || shape === "i16x8";
		this.body.simd(narrow ? `${shape}.extract_lane_s` : `${shape}.extract_lane`, [index]);
		return WasmValue.pop(this.body, WIDTHS[shape]);
	}

	withLane(shape: IntegerShape, index: number, value: Value): Vector {
		this.emit();
		(value as WasmValue).emit();
		return this.#emitted(`${shape}.replace_lane`, [index]);
	}

	permute(control: Vector | Bytes): Vector {
		const known = "binary" in control ? control.known : control;
		if (known)
			return this.shuffle(
				new WasmVector(this.body, ZERO),
				known.map((byte) => (byte === NOTHING ? 16 : byte)),
			);
		return this.#swizzle(control as Vector);
	}

	#swizzle(control: Vector): WasmVector {
		this.emit();
		(control as WasmVector).emit();
		return this.#emitted("i8x16.swizzle");
	}

	/** A control that is not known picks from both, out of range giving zero: what one does not have, the other has. */
	shuffle(other: Vector, control: Vector | Bytes): Vector {
		const known = "binary" in control ? control.known : control;
		if (known) return this.#shuffleKnown(other, known);
		const sixteen = new WasmVector(this.body, new Array<number>(16).fill(16));
		const beyond = (control as Vector).binary("i8x16.sub", sixteen);
		return this.#swizzle(control as Vector).binary("v128.or", (other as WasmVector).#swizzle(beyond));
	}

	#shuffleKnown(other: Vector, control: Bytes): Vector {
		this.emit();
		(other as WasmVector).emit();
		const shuffled = this.#emitted(
			"i8x16.shuffle",
			control.map((byte) => byte & 31),
		);
		if (!control.includes(NOTHING)) return shuffled;
		const mask = control.map((byte) => (byte === NOTHING ? 0 : 255));
		return shuffled.binary("v128.and", new WasmVector(this.body, mask));
	}

	compare(operation: `${Floats}.${"lt" | "le" | "eq"}`, other: Vector): Value {
		const [shape, verb] = operation.split(".") as [Floats, "lt" | "le" | "eq"];
		this.#lowest(shape);
		(other as WasmVector).#lowest(shape);
		this.body.op(`${shape === "f32x4" ? "f32" : "f64"}.${verb}`);
		return WasmValue.pop(this.body, 32);
	}

	truncated(shape: Floats, width: 32 | 64): Value {
		this.#lowest(shape);
		this.body.truncate(`i${width}.trunc_sat_${shape === "f32x4" ? "f32" : "f64"}_s`);
		return WasmValue.pop(this.body, width);
	}

	#lowest(shape: Floats): void {
		this.emit();
		this.body.simd(`${shape}.extract_lane`, [0]);
	}

	select(mask: Vector, other: Vector): Vector {
		this.emit();
		(other as WasmVector).emit();
		(mask as WasmVector).emit();
		return this.#emitted("v128.bitselect");
	}
}

/** A signed integer of 32 or 64 bits as a floating-point number in every lane. */
export function convertedVector(body: Body, shape: Floats, value: Value): WasmVector {
	(value as WasmValue).emit();
	const lane = shape === "f32x4" ? "f32" : "f64";
	body.op(`${lane}.convert_${value.width === 64 ? "i64" : "i32"}_s`);
	body.simd(`${shape}.splat`);
	return WasmVector.pop(body);
}

/** Loads `bits` of memory from the address on the stack, with zeros above. */
export function loadVector(body: Body, bits: number, offset: number | (() => number) = 0): WasmVector {
	if (bits >= 32) {
		body.simdMemory(
			bits === 32 ? "v128.load32_zero" : bits === 64 ? "v128.load64_zero" : "v128.load",
			offset,
		);
		return WasmVector.pop(body);
	}
	body.memory(bits === 8 ? "i32.load8_u" : "i32.load16_u", offset);
	const low = WasmValue.pop(body, 32);
	return new WasmVector(body, ZERO).withLane("i32x4", 0, low) as WasmVector;
}

/** Stores the low `bits` of a vector, and nothing beyond. */
export function storeVector(
	pointer: () => void,
	value: Vector,
	bits: number,
	offset: number | (() => number) = 0,
): void {
	const { body } = value as WasmVector;
	pointer();
	(value as WasmVector).emit();
	if (bits >= 128) body.simdMemory("v128.store", offset);
	else body.simdMemory(`v128.store${bits as 8 | 16 | 32 | 64}_lane`, offset, 0);
}

export const zeroVector = (body: Body): WasmVector => new WasmVector(body, ZERO);

/** Where the tables of `control` begin, 256 vectors each; translate/tables.ts ends before. */
const CONTROLS = 0x380000;
const TABLE_BYTES = 4096;
const tables = new WeakMap<Module, Map<(immediate: number) => Bytes, number>>();

/** The address of a table that holds what `bytes` gives for every immediate; the module fills it. */
export function controlTable(module: Module, bytes: (immediate: number) => Bytes): number {
	const own = tables.get(module) ?? new Map<(immediate: number) => Bytes, number>();
	tables.set(module, own);
	const known = own.get(bytes);
	if (known !== undefined) return known;
	const address = CONTROLS + own.size * TABLE_BYTES;
	if (address >= 0x400000) throw new Error("too many tables of controls");
	own.set(bytes, address);
	module.data(address, tableOf(bytes));
	return address;
}

const tableOf = (bytes: (immediate: number) => Bytes): Uint8Array =>
	Uint8Array.from(Array.from({ length: 256 }, (_, immediate) => [...bytes(immediate)]).flat());
