/** Runs inside a sandbox: a port on 127.0.0.1 that leads to a unix socket, while the program after `--` runs. */
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";

const [socketPath, port, separator, program, ...args] = process.argv.slice(2);
if (!socketPath || !port || separator !== "--" || !program) {
  process.stderr.write("usage: forwarder.mjs <socket> <port> -- <program> [argument…]\n");
  process.exit(2);
}

/** Either side may hang up at any time; the other side then goes too, once it has written what it was given. */
function join(near, far) {
  near.on("error", () => far.destroy());
  near.on("close", () => far.end());
  near.pipe(far);
}

const server = createServer({ allowHalfOpen: true }, (client) => {
  const upstream = connect({ path: socketPath, allowHalfOpen: true });
  join(client, upstream);
  join(upstream, client);
});

server.on("error", (error) => {
  process.stderr.write(`forwarder: ${error.message}\n`);
  process.exit(1);
});

server.listen(Number(port), "127.0.0.1", () => {
  const child = spawn(program, args, { stdio: "inherit" });
  child.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(error.code === "ENOENT" ? 127 : 126);
  });
  child.on("exit", (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
});
