// Loaded into firebase-tools by `node --require`: what it cannot be told by an option.
"use strict";

const { createRequire } = require("node:module");

const fromTools = createRequire(process.argv[1]);

endWithTheWrapper();
handEachPortOutOnce(Number(process.env.SUITE_FIRST_PORT), Number(process.env.SUITE_LAST_PORT));
skipCheckingShippedSchemas();

// Standard input is a pipe that the wrapper holds open. It closes however the wrapper ends, by
// SIGKILL too, and then nobody is left to stop the suite: it stops as after Ctrl-C (which ends the
// Firestore emulator, a group of its own) and takes the rest of its process group along.
function endWithTheWrapper() {
  const endGroup = () => process.kill(-process.pid, "SIGKILL");
  process.stdin.on("end", () => {
    process.once("exit", endGroup);
    setTimeout(endGroup, 10_000).unref();
    process.kill(process.pid, "SIGINT");
  });
  process.stdin.resume();
  process.stdin.unref?.();
}

// firebase-tools picks a port for each worker at random out of 1,000, and the worker binds it a
// second later: two busy functions, or two suites, may get the same one and answer each other's
// requests. A suite has a range of its own, and here each port comes up once in a round.
function handEachPortOutOnce(first, last) {
  const portfinder = fromTools("portfinder");
  const isFree = portfinder.getPortPromise;
  let next = first;
  portfinder.getPortPromise = async (options) => {
    for (let tries = first; tries <= last; tries += 1) {
      const port = next;
      next = next < last ? next + 1 : first;
      const free = await isFree({ ...options, port, stopPort: port }).catch(() => undefined);
      if (free === port) return port;
    }
    throw new Error(`every port from ${first} to ${last} is in use`);
  };
}

// The Auth emulator compiles JSON Schema's own meta-schema once for every parameter of its API,
// 13 of its 16 seconds, to check schemas that ship with it. Requests are validated all the same.
function skipCheckingShippedSchemas() {
  try {
    const Ajv = createRequire(fromTools.resolve("exegesis"))("ajv").default;
    Ajv.prototype.validateSchema = () => true;
  } catch {
    // Only the time to start depends on it.
  }
}
