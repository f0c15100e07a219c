// What build/gantry.cjs exports: to launch.ts what it runs, to the build what it rehearses.

export { boot } from "./api.ts";
export { main } from "./process.ts";
