// Loaded into firebase-tools by `node --require`: what it cannot be told by an option.
"use strict";

const http = require("node:http");
const { createRequire } = require("node:module");
const path = require("node:path");

const fromTools = createRequire(process.argv[1]);

endWithTheWrapper();
handEachPortOutOnce(Number(process.env.SUITE_FIRST_PORT), Number(process.env.SUITE_LAST_PORT));
connectAnewForEachRequest();
skipCheckingShippedSchemas();
answerForWorkersThatDoNotStart();
takeSecretsOfTheEnvironment();
keepTasksUntilTheirTime();
forkFunctionsOfOneProcess(process.env.SUITE_LOADED.split(" "));
endWorkersThatIdle(Number(process.env.SUITE_IDLE_WORKERS), Number(process.env.SUITE_IDLE_SECONDS));

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

// A worker's gunicorn closes a connection that idles for two seconds. A request that goes out on it
// just then is answered by firebase-tools itself: 500, ECONNRESET, without the headers of a
// function, and the worker is ended. An event that is lost this way does not come again.
function connectAnewForEachRequest() {
  http.globalAgent = new http.Agent({ keepAlive: false });
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

// For a worker that ends while it starts, firebase-tools waits 30 seconds, and then answers nothing:
// the queue, which waits for 10 minutes, seems to have lost its task.
function answerForWorkersThatDoNotStart() {
  const { RuntimeWorker } = fromTools("../emulator/functionsRuntimeWorker");
  const { FunctionsEmulator } = fromTools("../emulator/functionsEmulator");
  const { isSocketReady } = RuntimeWorker.prototype;
  RuntimeWorker.prototype.isSocketReady = async function () {
    const { exitCode, signalCode } = this.runtime.process;
    if (exitCode !== null || signalCode !== null) throw new Error("It ended while it started.");
    return isSocketReady.call(this);
  };
  const { handleHttpsTrigger } = FunctionsEmulator.prototype;
  FunctionsEmulator.prototype.handleHttpsTrigger = async function (request, response) {
    try {
      await handleHttpsTrigger.call(this, request, response);
    } finally {
      if (!response.headersSent) response.status(500).send("The function did not start.");
    }
  };
}

// A secret that is in the environment already, as CRM_MAIL is, is not asked for in production.
function takeSecretsOfTheEnvironment() {
  const { FunctionsEmulator } = fromTools("../emulator/functionsEmulator");
  const { resolveSecretEnvs } = FunctionsEmulator.prototype;
  FunctionsEmulator.prototype.resolveSecretEnvs = function (backend, trigger) {
    const declared = trigger?.secretEnvironmentVariables || backend.secretEnv;
    const left = declared.filter((secret) => !process.env[secret.key]);
    return resolveSecretEnvs.call(this, backend, { ...trigger, secretEnvironmentVariables: left });
  };
}

// A task that is to run later is run at once, and its worker then waits itself: two such tasks, and
// where two functions may run at a time no trigger runs any more.
function keepTasksUntilTheirTime() {
  const { TaskQueueController } = fromTools("../emulator/tasksEmulator");
  const { enqueue } = TaskQueueController.prototype;
  const longest = 2 ** 31 - 1; // milliseconds that a timer takes
  TaskQueueController.prototype.enqueue = function (key, task) {
    const left = Date.parse(task.scheduleTime) - Date.now();
    if (!(left > 0) || !this.queues[key]) return enqueue.call(this, key, task);
    const later = () => {
      try {
        this.enqueue(key, task);
      } catch (error) {
        console.error(`A task for later was not queued: ${error.message}`);
      }
    };
    setTimeout(later, Math.min(left, longest)).unref();
  };
}

// A process for each function that is asked for, and each would load the same modules: they are
// loaded once, and the function's process is a fork of that (forkserver.py). A source that changed is
// loaded anew. The shell in between goes, so that who ends a function ends its process.
function forkFunctionsOfOneProcess(modules) {
  const python = fromTools("../functions/python");
  const { runWithVirtualEnv } = python;
  const servers = new Map();
  const quoted = (word) => `"${word}"`; // as firebase-tools does, for a shell takes it apart
  let started = 0;
  const serve = (folder, envs) => {
    started += 1;
    const socket = path.join(process.cwd(), `functions-${started}`);
    const command = ["exec", "python", "-P", quoted(path.join(__dirname, "forkserver.py")), quoted(socket), ...modules];
    const { FUNCTION_TARGET, FUNCTION_SIGNATURE_TYPE, K_SERVICE, PORT, ...shared } = envs;
    const child = runWithVirtualEnv(command, folder, shared, { stdio: ["pipe", "inherit", "inherit"] });
    child.on("exit", () => {
      if (servers.get(folder)?.child === child) servers.delete(folder);
    });
    child.stdin.on("error", () => {});
    servers.set(folder, { child, socket });
  };
  python.runWithVirtualEnv = (command, folder, envs, ...more) => {
    if (command[0] !== "functions-framework") {
      return runWithVirtualEnv(command, folder, envs, ...more);
    }
    if (!servers.has(folder)) serve(folder, envs);
    const client = ["exec", "python", "-I", "-S", quoted(path.join(__dirname, "function.py"))];
    return runWithVirtualEnv([...client, quoted(servers.get(folder).socket)], folder, envs, ...more);
  };
  const { FunctionsEmulator } = fromTools("../emulator/functionsEmulator");
  const { loadTriggers } = FunctionsEmulator.prototype;
  FunctionsEmulator.prototype.loadTriggers = function (backend, ...more) {
    servers.get(backend.functionsDir)?.child.stdin.end();
    servers.delete(backend.functionsDir);
    return loadTriggers.call(this, backend, ...more);
  };
}

// Each function that was ever called keeps its process. Those idle for longest make way for new ones; one that was busy a moment ago may be asked again by now.
function endWorkersThatIdle(most, seconds) {
  const { RuntimeWorkerPool, RuntimeWorkerState } = fromTools("../emulator/functionsRuntimeWorker");
  const idleSince = new Map();
  const { addWorker } = RuntimeWorkerPool.prototype;
  RuntimeWorkerPool.prototype.addWorker = function (...args) {
    const added = addWorker.apply(this, args);
    added.stateEvents.on(RuntimeWorkerState.IDLE, () => idleSince.set(added, Date.now()));
    added.stateEvents.on(RuntimeWorkerState.FINISHED, () => idleSince.delete(added));
    const idle = [...this.workers.values()]
      .flat()
      .filter((worker) => worker.state === RuntimeWorkerState.IDLE)
      .sort((one, other) => idleSince.get(one) - idleSince.get(other));
    for (const worker of idle.slice(0, Math.max(0, idle.length - most))) {
      if (Date.now() - idleSince.get(worker) >= 1000 * seconds) {
        worker.state = RuntimeWorkerState.FINISHING;
        worker.runtime.process.kill("SIGTERM");
      }
    }
    return added;
  };
}
