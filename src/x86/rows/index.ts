import { arithmetic } from "./arithmetic.ts";
import { control } from "./control.ts";
import { data } from "./data.ts";
import { extensions } from "./extensions.ts";
import { multimedia } from "./mmx.ts";
import { system } from "./system.ts";
import { floatingPoint } from "./x87.ts";

export const rows = [...arithmetic, ...data, ...control, ...system, ...extensions, ...floatingPoint, ...multimedia];
