import { arithmetic } from "./arithmetic.ts";
import { avxRows } from "./avx.ts";
import { control } from "./control.ts";
import { cryptoRows } from "./crypto.ts";
import { data } from "./data.ts";
import { extensions } from "./extensions.ts";
import { multimedia } from "./mmx.ts";
import { sseRows } from "./sse.ts";
import { sse2Rows } from "./sse2.ts";
import { sse4Rows } from "./sse4.ts";
import { system } from "./system.ts";
import { floatingPoint } from "./x87.ts";

export const rows = [
	...arithmetic,
	...data,
	...control,
	...system,
	...extensions,
	...floatingPoint,
	...multimedia,
	...sseRows,
	...sse2Rows,
	...sse4Rows,
	...cryptoRows,
	...avxRows,
];
