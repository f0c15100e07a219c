// AssemblyScript's integer types, for the two files of core/ that TypeScript reads too (state.ts, descriptor.ts).
declare type u32 = number;
declare type i32 = number;
