// Runs a program for WASI and ends with what it ends with: node .ci/wasi.mjs PROGRAM.wasm
import { readFile } from "node:fs/promises";
import process, { argv } from "node:process";
import { WASI } from "node:wasi";

const wasi = new WASI({ version: "preview1", args: argv.slice(2), returnOnExit: true });
const program = await WebAssembly.compile(await readFile(argv[2]));
const instance = await WebAssembly.instantiate(program, wasi.getImportObject());
process.exitCode = wasi.start(instance);
