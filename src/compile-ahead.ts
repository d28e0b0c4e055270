/** Loads what the parts are made of and ends: Node keeps the compiled code where NODE_COMPILE_CACHE says. */
await import("./run-bot.ts");
await import("./run-runner.ts");
// The command line acts when it is loaded: it is asked for its help, which ends this process.
process.argv = [...process.argv.slice(0, 2), "--help"];
await import("./main.ts");
