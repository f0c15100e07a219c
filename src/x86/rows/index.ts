import { arithmetic } from "./arithmetic.ts";
import { control } from "./control.ts";
import { data } from "./data.ts";
import { extensions } from "./extensions.ts";
import { system } from "./system.ts";

export const rows = [...arithmetic, ...data, ...control, ...system, ...extensions];
